import { spawnSync } from 'node:child_process'
import { appendFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { onStatement } from '../../lib/db/trace.js'
import { ingest, migrateUp, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { isDirect, keyOf, manyProducts, twoDatabases, usualPath } from '../support/direct-path.js'
import { failure } from '../support/failure.js'
import { file, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded, compareTables, countsOf, Oracle } from '../support/oracle.js'

/** The staging table of the direct path becomes the table, or the load goes on as usual; nobody sees a part of the rows. */

const LOAD = { workers: 2, rangeSize: 40_000 }

/** Calls `work` when a part is staged, and the workers wait for it. */
async function whileStaging(
  db: TestDatabase,
  load: () => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<void> {
  const loading = load()
  let isOver = false
  const end = () => {
    isOver = true
  }
  loading.then(end, end)
  while ((await db.value<number>('SELECT count(*) FROM dasy.ranges')) < 3 && !isOver);
  const other = await db.client()
  await other.query('BEGIN; LOCK TABLE dasy.ranges IN EXCLUSIVE MODE')
  const waits = `SELECT count(*) FROM pg_locks WHERE relation = 'dasy.ranges'::regclass AND NOT granted`
  while (!isOver && (await db.value<number>(waits)) === 0) await sleep(20)
  await work()
  await other.query('COMMIT')
  await loading
}

t.test('a transaction that began before the last record was staged sees no row', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, manyProducts())
  await migrateUp({ databaseUrl: db.url })
  const reader = await db.client()
  await whileStaging(
    db,
    () => ingest(path, { databaseUrl: db.url, ...LOAD }),
    async () => {
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1')
    },
  )
  const { rows } = await reader.query('SELECT count(*)::int AS count FROM products')
  t.same(rows, [{ count: 0 }])
  await reader.query('COMMIT')
  t.notOk(await isDirect(db), 'the table was made with its rows')
  await assertProductsLoaded(t, db, path)
  await assertNothingLeft(t, db)
})

t.test('somebody else makes the table meanwhile, with a row', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, manyProducts())
  await migrateUp({ databaseUrl: db.url })
  await db.run('DROP VIEW products_agg; DROP TABLE products CASCADE')
  let loaded: unknown
  await whileStaging(
    db,
    async () => {
      loaded = await ingest(path, { databaseUrl: db.url, ...LOAD })
    },
    () =>
      db.run(`CREATE TABLE products (sku text PRIMARY KEY, name text, description text);
              INSERT INTO products VALUES ('sku-0', 'old', 'old'), ('other', 'n', 'd')`),
  )
  t.match(loaded, { status: 'completed', rows: { read: 30_000, updated: 1 } })
  const expected = await Oracle.load(t, db, path)
  const rows = `${expected.table({ key: ['sku'] })} UNION ALL SELECT 'n', 'other', 'd'`
  await compareTables(t, db, 'products', rows)
  await db.run('DROP SCHEMA oracle CASCADE')
  await assertNothingLeft(t, db)
})

t.test('the groups of the aggregate are counted while the file is scanned', async (t) => {
  const db = await testDatabase(t)
  const statements: string[] = []
  onStatement(({ text }) => statements.push(text))
  // Names of all kinds, in some records that win, that lose, that are bad, and that others lost to.
  const names = ['', '""', 'n', '"n"', '"with ""quotes"", and\nlines"', 'é', 'e\u0301', '\\N', ' n', '"\\."']
  const records = Array.from({ length: 60_000 }, (_, index) => {
    if (index % 7001 === 10) return `only,${keyOf(index)}`
    const name = index % 3 === 0 ? `name ${index}` : names[index % names.length]
    return `${name},${keyOf(index)},"a description that is long enough, with its number ${index}, for many of them"`
  })
  const path = file(t, `name,sku,description\n${records.join('\n')}\n`)
  const { rows } = await ingest(path, { databaseUrl: db.url, ...LOAD, maxRejects: 100 })
  t.match(rows, { rejected: 9 })
  t.ok(await isDirect(db))
  await compareTables(t, db, 'products_agg', countsOf('products'))
  t.ok(await db.value('SELECT count(*) > 15000 FROM products_agg'))
  const stored = statements.filter((text) => text.includes('"prepared_1"'))
  t.ok(
    stored.some((text) => text.startsWith('COPY')),
    'they are stored as they were counted',
  )
  t.notOk(
    stored.some((text) => text.includes('GROUP BY')),
    'the database does not count them',
  )
  await assertNothingLeft(t, db)
})

t.test('the second session is lost while it stores the groups', async (t) => {
  const db = await testDatabase(t)
  // Enough for a second session.
  const path = generatedProducts(t, 60_000)
  let isLost = false
  onStatement(({ text }) => {
    if (isLost || !text.includes('CREATE TABLE "dasy"."prepared_1"')) return
    isLost = true
    endHelper(db)
  })
  const receipt = await ingest(path, { databaseUrl: db.url, ...LOAD, rangeSize: 500_000 })
  t.match(receipt, { status: 'completed' })
  t.equal(await db.value('SELECT attempt FROM dasy.runs'), 2)
  t.ok(await isDirect(db), 'nothing was staged again')
  await assertProductsLoaded(t, db, path)
  await assertNothingLeft(t, db)
})

/** Ends the second session of loads, before this process does anything else. */
function endHelper({ url }: TestDatabase): void {
  const script = `
    const { Client } = require('pg')
    const client = new Client(process.argv[1])
    const text = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'dasy helper' AND datname = current_database()"
    client.connect().then(() => client.query(text)).then(() => client.end())`
  const { status, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, '-e', script, url], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

t.test('a file that changes when the last record is staged', async (t) => {
  // Records that others lost to are bad, so these are staged afterwards, by the main session.
  const path = file(
    t,
    manyProducts((index) => (index % 3003 === 10 ? `only,${keyOf(index)}` : undefined)),
  )
  let copies = 0
  let last = Number.POSITIVE_INFINITY
  onStatement(({ text }) => {
    if (!/^COPY "dasy"."staging_/m.test(text)) return
    copies += 1
    if (copies === last) appendFileSync(path, ',')
  })
  const load = { ...LOAD, workers: 1, maxRejects: 100 }
  await ingest(path, { databaseUrl: (await testDatabase(t)).url, ...load })
  ;[last, copies] = [copies, 0]
  const db = await testDatabase(t)
  const error = await failure(t, ingest(path, { databaseUrl: db.url, ...load }))
  t.match(error, { code: 'SOURCE_CHANGED' })
  t.equal(copies, last)
})

t.test('constraints of others that have the name of its NOT NULL', async (t) => {
  const path = file(t, manyProducts())
  const names = async (db: TestDatabase, more: { before?: string[] }) => {
    await db.run(
      'CREATE TABLE other (sku text CONSTRAINT products_sku_not_null NOT NULL, CONSTRAINT "a_sku_not_null" CHECK (true))',
    )
    for (const table of ['products', 'a', 'b'])
      await ingest(path, { databaseUrl: db.url, ...LOAD, table, ...more })
    return await db.rows(
      `SELECT conrelid::regclass::text AS table, conname AS name
         FROM pg_constraint
        WHERE conrelid IN ('products'::regclass, 'a'::regclass, 'b'::regclass)
        ORDER BY conrelid, conname`,
    )
  }
  const [direct, usual] = await twoDatabases(t)
  const found = await names(direct, {})
  for (const table of ['products', 'a', 'b']) t.ok(await isDirect(direct, table))
  t.same(found, await names(usual, usualPath(t)))
})

/** A load that stops over its limit, when all is staged. */
async function overLimit(t: Test): Promise<{ db: TestDatabase; path: string }> {
  const db = await testDatabase(t)
  // Records that win, that lose, and that others lost to.
  const path = file(
    t,
    manyProducts((index) => (index % 3003 === 10 || index === 4003 ? `only,${keyOf(index)}` : undefined)),
  )
  const error = await failure(t, ingest(path, { databaseUrl: db.url, ...LOAD, maxRejects: 1 }))
  t.match(error, { code: 'TOO_MANY_REJECTS' })
  return { db, path }
}

t.test('a run over its limit goes on without its file', async (t) => {
  const { db, path } = await overLimit(t)
  const usual = await testDatabase(t)
  const expected = await ingest(path, { databaseUrl: usual.url, ...LOAD, maxRejects: 100, ...usualPath(t) })
  const digest = `SELECT md5(string_agg(p::text, E'\\n' ORDER BY sku)) FROM products AS p`
  rmSync(path)
  const { rows } = await resume(1, { databaseUrl: db.url, maxRejects: 100 })
  t.same(rows, expected.rows)
  t.ok(await isDirect(db), 'nothing was staged again')
  t.equal(await db.value(digest), await usual.value(digest))
  await compareTables(t, db, 'products_agg', countsOf('products'))
  await assertNothingLeft(t, db)
})

t.test('what a run has staged is kept if it is of no use any more and the file is gone', async (t) => {
  const { db, path } = await overLimit(t)
  const kept = () =>
    db.rows(
      'SELECT (SELECT count(*) FROM dasy.ranges) AS ranges, (SELECT count(*) FROM dasy.rejects) AS rejects',
    )
  const before = await kept()
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text, description text)')
  rmSync(path)
  const call = () => resume(1, { databaseUrl: db.url, maxRejects: 100 })
  t.match(await failure(t, call()), { code: 'FILE_NOT_FOUND' })
  t.same(await kept(), before)
  await db.run('DROP TABLE products')
  t.match(await call(), { status: 'completed', rows: { rejected: before[0]?.rejects } })
  t.ok(await isDirect(db))
})

t.test('names in the schema that the table would have on its way', async (t) => {
  const path = file(t, manyProducts())
  for (const table of ['dasy_run_1', 'dasy_key_1']) {
    const db = await testDatabase(t)
    await ingest(path, { databaseUrl: db.url, ...LOAD, table })
    t.equal(await db.value(`SELECT count(*) > 20000 FROM ${table}`), true)
  }
  const db = await testDatabase(t)
  await db.run(`CREATE VIEW dasy_key_1 AS SELECT 1 AS a; CREATE TYPE products_pkey AS ENUM ('a')`)
  await ingest(path, { databaseUrl: db.url, ...LOAD })
  await assertProductsLoaded(t, db, path)
})

t.test(
  'a run that stopped in its merge goes on, and nobody else gets the name of the table meanwhile',
  async (t) => {
    const db = await testDatabase(t)
    // Enough for a second session.
    const path = generatedProducts(t, 80_000)
    await migrateUp({ databaseUrl: db.url })
    await db.run('DROP VIEW products_agg; DROP TABLE products CASCADE')
    const other = await db.client()
    let isOver = false
    const loading = failure(t, ingest(path, { databaseUrl: db.url, workers: 2, retryFor: 0 })).finally(() => {
      isOver = true
    })
    const found = async (query: string) => {
      for (;;) {
        const [row] = (await db.rows(query)) as { pid: number }[]
        if (row) return row.pid
        if (isOver) throw new Error('the load is over')
      }
    }
    // A transaction that began earlier would make it take the usual path.
    await found(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'dasy helper' AND datname = current_database()`,
    )
    // The main session waits for it when the table has its name.
    await other.query('BEGIN; LOCK TABLE dasy.tables IN EXCLUSIVE MODE')
    const waiting = await found(
      `SELECT pid FROM pg_locks WHERE relation = 'dasy.tables'::regclass AND NOT granted`,
    )
    t.ok(
      await db.value(`SELECT to_regclass('dasy.prepared_1') IS NOT NULL`),
      'the second session has done its part',
    )
    const rival = (await db.client()).query('CREATE TABLE products (a integer)').then(
      () => 'made',
      () => 'refused',
    )
    await sleep(500)
    await db.run(`SELECT pg_terminate_backend(${waiting})`)
    t.match(await loading, { exitStatus: 4 })
    t.equal(await rival, 'made', 'when the load has given up')
    await other.query('ROLLBACK')
    await db.run('DROP TABLE products')
    t.match(await resume(1, { databaseUrl: db.url }), { status: 'completed' })
    t.ok(await isDirect(db))
    await assertProductsLoaded(t, db, path)
    await assertNothingLeft(t, db)
  },
)
