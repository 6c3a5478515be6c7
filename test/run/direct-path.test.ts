import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ingest, migrateUp, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { isDirect, keyOf, manyProducts, usualPath } from '../support/direct-path.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
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
