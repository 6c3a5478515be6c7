import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import t, { type Test } from 'tap'
import { Workplace } from '../support/cli-workplace.js'
import { aggregate, ingest, migrateUp, resume, showRuns, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded, compareTables, countsOf } from '../support/oracle.js'

/** Whatever role, database and server set, a load does the same. */

const HEADER = 'sku,name,description\n'

/** Settings that would change a result or stop a run, if a session took them as they are. */
const HOSTILE: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  statement_timeout: '1s',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1s',
  // Not less: a parallel worker begins with it, before it hears what its leader has set.
  transaction_timeout: '1s',
  search_path: 'dasy, dasy_queue, public, pg_catalog, pg_temp',
  standard_conforming_strings: 'off',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  DateStyle: 'German',
  IntervalStyle: 'sql_standard',
  client_encoding: 'LATIN1',
  row_security: 'off',
  quote_all_identifiers: 'on',
  array_nulls: 'off',
  transform_null_equals: 'on',
  check_function_bodies: 'off',
  xmloption: 'document',
  enable_hashjoin: 'off',
  enable_sort: 'off',
}

type Place = 'role' | 'database'

const WHERE: readonly [Place, string][] = [
  ['role', 'serializable'],
  ['database', 'repeatable read'],
]

/** A database in which a role works whose sessions begin with the worst of settings. */
interface Scene {
  readonly db: TestDatabase
  /** Of that role. */
  readonly databaseUrl: string
  /** Connections that were made before, and are as usual. */
  readonly others: readonly pg.Client[]
}

async function scene(t: Test, place: Place, isolation: string, more = HOSTILE): Promise<Scene> {
  const db = await testDatabase(t)
  const role = await db.role()
  await db.run(`GRANT ALL ON DATABASE ${db.name} TO ${role.name}; GRANT ALL ON SCHEMA public TO ${role.name}`)
  const others = await Promise.all([db.client(role.url), db.client(role.url)])
  const known = await db.rows<{ name: string }>('SELECT name FROM pg_settings')
  const names = new Set(known.map(({ name }) => name.toLowerCase()))
  const whom = place === 'role' ? `ROLE ${role.name}` : `DATABASE ${db.name}`
  const settings = Object.entries({ default_transaction_isolation: isolation, ...more })
  for (const [name, value] of settings.filter(([each]) => names.has(each.toLowerCase()))) {
    const set = name === 'search_path' ? value : `'${value}'`
    await db.run(`ALTER ${whom} SET ${name} = ${set}`)
  }
  return { db, databaseUrl: role.url, others }
}

function edition(t: Test, who: string, records: number): string {
  const lines = Array.from({ length: records }, (_, index) => `${who}${index},name ${index % 7},by ${who}\n`)
  return file(t, HEADER + lines.join(''))
}

async function somebodyWaits(db: TestDatabase, sessions = 1): Promise<void> {
  const waiting = `
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'dasy'`
  while ((await db.value<number>(waiting)) < sessions) await sleep(10)
}

for (const [place, isolation] of WHERE) {
  t.test(`${isolation} and all else on the ${place}: what others commit meanwhile stays`, async (t) => {
    const { db, databaseUrl, others } = await scene(t, place, isolation)
    await ingest(file(t, HEADER), { databaseUrl, table: 'goods' })
    const [writer] = others as [pg.Client]
    await writer.query(`BEGIN; INSERT INTO goods SELECT 'own'||g, 'mine' FROM generate_series(1, 100) g`)
    const run = ingest(edition(t, 'a', 2000), { databaseUrl, table: 'goods' })
    await somebodyWaits(db)
    await sleep(1200) // longer than the timeouts
    await writer.query('COMMIT')
    t.match((await run).rows, { read: 2000, inserted: 2000 })
    t.equal(await db.value(`SELECT count(*) FROM goods WHERE sku LIKE 'own%'`), 100)
    t.equal(await db.value('SELECT count(*) FROM goods'), 2100)

    // Two runs, which wait for somebody and then for each other.
    await writer.query('BEGIN; LOCK TABLE goods IN SHARE MODE')
    const runs = ['b', 'c'].map((who) => update(edition(t, who, 2000), { databaseUrl, table: 'goods' }))
    await somebodyWaits(db, 2)
    await writer.query('COMMIT')
    for (const each of await Promise.all(runs)) t.match(each.rows, { inserted: 2000 })
    t.equal(await db.value('SELECT count(*) FROM goods'), 6100)
    await assertNothingLeft(t, db, { tables: ['goods'] })
  })

  t.test(`${isolation} and all else on the ${place}: first loads of one table at once`, async (t) => {
    const { db, databaseUrl } = await scene(t, place, isolation)
    const sources = ['a', 'b', 'c'].map((who) => edition(t, who, 3000))
    const options = { databaseUrl, workers: 2, rangeSize: 20_000 }
    const receipts = await Promise.all(sources.map((source) => ingest(source, options)))
    for (const { rows } of receipts) t.match(rows, { inserted: 3000 })
    t.equal(await db.value('SELECT count(*) FROM public.products'), 9000)
    await compareTables(t, db, 'products_agg', countsOf('products'))
    const again = await ingest(sources[0] as string, options)
    t.match(again.rows, { unchanged: 3000, inserted: 0, updated: 0 })
    await assertNothingLeft(t, db)
  })

  t.test(`${isolation} and all else on the ${place}: migrations, aggregates, resuming`, async (t) => {
    const { db, databaseUrl, others } = await scene(t, place, isolation)
    const migrated = await Promise.all([1, 2, 3, 4].map(() => migrateUp({ databaseUrl })))
    t.same(migrated.flatMap(({ made }) => made).toSorted(), ['products', 'products_agg'], 'each thing once')

    const bad = file(t, `${HEADER}1,one,\n2,"two\n3,three,x,y\n`)
    const stopped = await failure(t, ingest(bad, { databaseUrl }))
    t.match(stopped, { code: 'TOO_MANY_REJECTS' })
    const { run } = stopped.details as { run: number }
    t.match((await resume(run, { databaseUrl, maxRejects: 5 })).rows, { inserted: 1 })

    const [writer] = others as [pg.Client]
    await writer.query(`BEGIN; INSERT INTO products VALUES ('9', 'nine', 'theirs')`)
    const counting = aggregate('products', 'description', { databaseUrl })
    await somebodyWaits(db)
    await writer.query('COMMIT')
    await counting
    const expected = countsOf('products', 'description')
    await compareTables(t, db, 'products_agg_description', expected, 'an aggregate that had to wait')
    const listed = await showRuns({ databaseUrl }, undefined, undefined)
    t.ok(
      listed.every(({ started_at }) => started_at.getFullYear() > 2000),
      'times can be read',
    )
  })
}

t.test('what the server itself sets does not matter either', async (t) => {
  const work = new Workplace(t)
  await work.dasy('db', 'start')
  await work.connect()
  const settings = { ...HOSTILE, default_transaction_isolation: 'serializable', synchronous_commit: 'off' }
  for (const [name, value] of Object.entries(settings)) {
    const set = name === 'search_path' ? value : `'${value}'`
    await work.rows(`ALTER SYSTEM SET ${name} = ${set}`)
  }
  await work.rows('SELECT pg_reload_conf()')
  await work.disconnect()
  const source = generatedProducts(t, 2000)
  const receipts = await Promise.all(
    [1, 2].map(() => work.json<{ rows: { inserted: number } }>('ingest', source)),
  )
  const inserted = receipts.map(({ rows }) => rows.inserted).toSorted((a, b) => a - b)
  t.equal(inserted[0], 0, 'of two first loads of one file the later one finds all of it there')
  t.ok((inserted[1] as number) > 0)
  const again = await work.json<{ rows: Record<string, number> }>('ingest', source)
  t.match(again.rows, { inserted: 0, updated: 0, unchanged: inserted[1] as number })
})

t.test('session_replication_role: set back where the role may, refused where not', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, `${HEADER}1,one,\n`), { databaseUrl: db.url })
  await db.run(`ALTER DATABASE ${db.name} SET session_replication_role = 'replica'`)
  const source = generatedProducts(t, 500)
  await ingest(source, { databaseUrl: db.url })
  await db.run(`DELETE FROM products WHERE sku = '1' AND name = 'one'`)
  await assertProductsLoaded(t, db, source)

  const role = await db.role()
  const refused = await failure(t, ingest(source, { databaseUrl: role.url }))
  t.match(refused, { code: 'SESSION_UNSUITABLE', exitStatus: 4, hint: /session_replication_role/ })
})

t.test('a table whose rows policies hide from its owner is not taken for an empty one', async (t) => {
  const { db, databaseUrl, others } = await scene(t, 'role', 'read committed', { row_security: 'off' })
  await ingest(file(t, `${HEADER}1,one,hidden\n2,two,\n`), { databaseUrl })
  const [owner] = others as [pg.Client]
  await owner.query(`
    DELETE FROM products WHERE sku = '2';
    ALTER TABLE products ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY seen ON products USING (description <> 'hidden')`)
  const { rows } = await ingest(file(t, `${HEADER}3,one,x\n4,four,y\n`), { databaseUrl })
  t.match(rows, { inserted: 2 })
  t.equal(await db.value('SELECT count(*) FROM products'), 3)
  await compareTables(t, db, 'products_agg', countsOf('products'))
  for (const check of [false, true]) {
    const refused = await failure(t, aggregate('products', 'name', { databaseUrl, check }))
    t.match(refused, { code: 'PERMISSION_DENIED', message: /row security hides rows/ })
  }
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('what a SQL file sets for its session is over with the file', async (t) => {
  const db = await testDatabase(t)
  // An hour, so that nothing meets it; the file after the merge looks whether it is still set.
  const before = file(
    t,
    `SET default_transaction_read_only = on; SET statement_timeout = '1h';`,
    'before.sql',
  )
  const after = file(
    t,
    `DO $$ BEGIN
       IF current_setting('statement_timeout') <> '0' OR current_setting('default_transaction_read_only') <> 'off' THEN
         RAISE 'it is still set';
       END IF;
     END $$`,
    'after.sql',
  )
  const source = generatedProducts(t, 3000)
  await ingest(source, { databaseUrl: db.url, before, after })
  await assertProductsLoaded(t, db, source)
  await assertNothingLeft(t, db)
})

t.test('a long wait for a lock is said, with who is waited for', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, `${HEADER}1,one,\n`), { databaseUrl: db.url })
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const pid = (await holder.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number
  const notes: string[] = []
  let said: () => void = () => {}
  const told = new Promise<void>((resolve) => {
    said = resolve
  })
  const note = (line: string): void => {
    notes.push(line)
    if (line.startsWith('waiting')) said()
  }
  const run = ingest(generatedProducts(t, 100), {
    databaseUrl: db.url,
    onEvent: (event) => event.type === 'note' && note(event.text),
  })
  await told
  await holder.query('ROLLBACK')
  await run
  t.match(
    notes.find((line) => line.startsWith('waiting')),
    new RegExp(`session ${pid} \\(test, role .*, idle in transaction\\), to get a lock on products$`),
  )
})
