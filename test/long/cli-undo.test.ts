import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { ingest, resume, undo } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

const FIRST = 'sku,name,description\na,Ann,one\nb,Bob,two\n'
const SECOND = 'sku,name,description\na,Eve,one\nb,Bob,TWO\nc,Cem,three\n'

async function loaded(t: Test): Promise<{ db: TestDatabase; env: Record<string, string>; run: number }> {
  const db = await testDatabase(t)
  await ingest(file(t, FIRST), { databaseUrl: db.url })
  const { run } = await ingest(file(t, SECOND), { databaseUrl: db.url })
  return { db, env: { DATABASE_URL: db.url, TZ: 'UTC' }, run }
}

t.test('dasy undo prints its receipt', async (t) => {
  const { env, run } = await loaded(t)
  const shown = (await dasy(['undo', `${run}`], { env })).expectStatus(0).stdout
  t.match(shown, /^undo → products \(sku\)\nrun 3 completed in /)
  t.match(shown, /read +3 +changes\n +inserted +0 .*\n +updated +2 .*\n +unchanged +0 .*\n +deleted +1 /)
  const twice = await dasy(['undo', `${run}`, '--json'], { env })
  t.match(twice.expectStatus(1).json(), { error: { code: 'ALREADY_UNDONE', details: { undo: 3 } } })
  const asText = `${run}` as unknown as number
  t.match(await failure(t, undo(asText, { databaseUrl: env.DATABASE_URL as string })), {
    code: 'ALREADY_UNDONE',
  })
  const again = (await dasy(['undo', '3', '--json'], { env })).expectStatus(0).json()
  t.match(again, {
    run: 4,
    command: 'undo',
    status: 'completed',
    source: null,
    table: 'products',
    bytes: 0,
    workers: 0,
    rows: {
      read: 3,
      rejected: 0,
      duplicates: 0,
      inserted: 1,
      updated: 2,
      unchanged: 0,
      skipped: 0,
      deleted: 0,
    },
  })
  t.match((await dasy(['runs'], { env })).expectStatus(0).stdout, /undo/)
  t.match((await dasy(['runs', '4', '--json'], { env })).json(), { run: 4, command: 'undo', source: null })
  ;(await dasy(['undo', 'x'], { env })).expectStatus(2)
  ;(await dasy(['undo'], { env })).expectStatus(2)
  t.match((await dasy(['undo', '77', '--json'], { env })).expectStatus(1).json(), {
    error: { code: 'RUN_NOT_FOUND' },
  })
})

t.test('conflicts are listed with what differs; resume goes on without them', async (t) => {
  const { db, env, run } = await loaded(t)
  await db.run(`UPDATE products SET name = 'Eva' WHERE sku = 'a'; DELETE FROM products WHERE sku = 'b'`)
  const { stderr } = (await dasy(['undo', `${run}`], { env })).expectStatus(3)
  t.equal(
    stderr,
    `dasy: run 2 cannot be taken back as a whole: 2 conflicts among its 3 changes; nothing was changed
      ! a  row changed: outside of dasy
          name  Eve → Eva
      ! b  row gone: outside of dasy
      To leave those rows as they are: dasy resume 3 --skip-conflicts
`,
  )
  const json = (await dasy(['undo', `${run}`, '--json'], { env })).expectStatus(3).json()
  t.match(json, {
    error: {
      code: 'UNDO_CONFLICTS',
      run: 4,
      details: {
        undoes: 2,
        conflicting: 2,
        conflicts: [
          {
            key: { sku: 'a' },
            conflict: 'row changed',
            left: { name: 'Eve' },
            now: { name: 'Eva' },
            run: null,
          },
          { key: { sku: 'b' }, conflict: 'row gone', run: null },
        ],
      },
    },
  })
  ;(await dasy(['resume', '3'], { env })).expectStatus(3)
  ;(await dasy(['resume', '3', '--max-rejects', '1'], { env })).expectStatus(2)
  const resumed = (await dasy(['resume', '3', '--skip-conflicts', '--json'], { env })).expectStatus(0).json()
  t.match(resumed, { run: 3, command: 'undo', rows: { read: 3, deleted: 1, skipped: 2 } })
  t.same((await dasy(['resume', '3', '--json'], { env })).expectStatus(0).json(), resumed)
  t.match((await dasy(['resume', '4', '--json'], { env })).expectStatus(1).json(), {
    error: { code: 'ALREADY_UNDONE' },
  })
  t.match((await dasy(['resume', '1', '--skip-conflicts', '--json'], { env })).expectStatus(0).json(), {
    run: 1,
  })
  t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku'), [{ sku: 'a', name: 'Eva' }])
})

t.test('two that take back the same run at the same time', async (t) => {
  const { db, run } = await loaded(t)
  const to = { databaseUrl: db.url }
  const results = await Promise.allSettled([undo(run, to), undo(run, to), undo(run, to)])
  const codes = results.map((each) => (each.status === 'fulfilled' ? 'done' : each.reason.code))
  t.same(codes.toSorted(), ['ALREADY_UNDONE', 'ALREADY_UNDONE', 'done'])
  t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku'), [
    { sku: 'a', name: 'Ann' },
    { sku: 'b', name: 'Bob' },
  ])
})

t.test('a table that was renamed, and columns that were dropped or renamed', async (t) => {
  const { db, run } = await loaded(t)
  await db.run(`CREATE SCHEMA other; ALTER TABLE products RENAME TO goods; ALTER TABLE goods SET SCHEMA other;
                ALTER TABLE other.goods RENAME sku TO id; ALTER TABLE other.goods DROP description CASCADE;
                ALTER TABLE other.goods RENAME name TO title; ALTER TABLE other.goods ADD more integer DEFAULT 7`)
  const notes: string[] = []
  const receipt = await undo(run, {
    databaseUrl: db.url,
    onEvent: (event) => {
      if (event.type === 'note') notes.push(event.text)
    },
  })
  t.match(notes, [/column description .* gone/])
  t.match(receipt, { table: 'goods', rows: { read: 3, updated: 1, deleted: 1, unchanged: 1 } })
  t.same(await db.rows('SELECT * FROM other.goods ORDER BY id'), [
    { id: 'a', title: 'Ann', more: 7 },
    { id: 'b', title: 'Bob', more: 7 },
  ])
})

t.test('columns are told by their numbers, whatever their names are by now', async (t) => {
  const { db, run } = await loaded(t)
  const to = { databaseUrl: db.url }
  await db.run(
    `ALTER TABLE products RENAME name TO former; ALTER TABLE products ADD name text DEFAULT 'later'`,
  )
  await undo(run, to)
  const rows = () => db.rows('SELECT sku, former, description, name FROM products ORDER BY sku')
  t.same(await rows(), [
    { sku: 'a', former: 'Ann', description: 'one', name: 'later' },
    { sku: 'b', former: 'Bob', description: 'two', name: 'later' },
  ])
  await db.run(`ALTER TABLE products RENAME former TO x; ALTER TABLE products RENAME description TO former;
                ALTER TABLE products RENAME x TO description`)
  await undo(3, to)
  t.same(await rows(), [
    { sku: 'a', former: 'one', description: 'Eve', name: 'later' },
    { sku: 'b', former: 'TWO', description: 'Bob', name: 'later' },
    { sku: 'c', former: 'three', description: 'Cem', name: 'later' },
  ])
  await db.run(`ALTER TABLE products ADD y text; UPDATE products SET y = description;
                ALTER TABLE products DROP description CASCADE; ALTER TABLE products RENAME y TO description`)
  t.match(
    await undo(4, to),
    { rows: { updated: 2, deleted: 1 } },
    'a column that has taken the place of another',
  )
  t.match(await rows(), [{ former: 'one', description: 'Ann' }, {}])
})

t.test('a run without history is nobody outside of dasy', async (t) => {
  const { db, env, run } = await loaded(t)
  await ingest(file(t, 'sku,name\na,Eva\n'), { databaseUrl: db.url, history: false })
  const blamed = (await dasy(['blame', 'products', 'a', '--json'], { env })).expectStatus(0).stdout
  t.notMatch(blamed, /outside/)
  const refused = (await dasy(['undo', `${run}`, '--json'], { env })).expectStatus(3).json()
  t.match(refused, { error: { details: { conflicts: [{ key: { sku: 'a' }, run: 3 }] } } })
  await db.run(`UPDATE products SET name = 'Evi' WHERE sku = 'a'`)
  t.match((await dasy(['blame', 'products', 'a', '--json'], { env })).stdout, /^{"outside":true}\n/)
})

t.test('an undo that was cancelled is resumed', async (t) => {
  const { db, run } = await loaded(t)
  const to = { databaseUrl: db.url }
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ROW EXCLUSIVE MODE')
  const abort = new AbortController()
  const cancelled = await failure(
    t,
    undo(run, {
      ...to,
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'step') abort.abort()
      },
    }),
  )
  t.equal(cancelled.code, 'INTERRUPTED')
  await holder.query('ROLLBACK')
  t.equal(await db.value(`SELECT name FROM products WHERE sku = 'a'`), 'Eve')
  const resumed = await resume(cancelled.details.run as number, to)
  t.match(resumed, { command: 'undo', rows: { read: 3, updated: 2, deleted: 1 } })
})

t.test('rows that the table refuses are listed with those that were changed', async (t) => {
  const { db, env, run } = await loaded(t)
  await db.run(
    `ALTER TABLE products ADD CHECK (description <> 'two') NOT VALID; UPDATE products SET name = 'Eva' WHERE sku = 'a'`,
  )
  const refused = (await dasy(['undo', `${run}`, '--json'], { env })).expectStatus(3).json()
  t.match(refused, {
    error: {
      code: 'UNDO_CONFLICTS',
      details: {
        conflicting: 2,
        conflicts: [
          { key: { sku: 'a' }, conflict: 'row changed' },
          { key: { sku: 'b' }, conflict: 'row refused', reason: /check/ },
        ],
      },
    },
  })
  t.equal(await db.value(`SELECT string_agg(name, ' ' ORDER BY sku) FROM products`), 'Eva Bob Cem')
  await db.run(`CREATE TABLE orders (sku text REFERENCES products); INSERT INTO orders VALUES ('c');
                ALTER TABLE products DROP CONSTRAINT products_description_check`)
  const held = (await dasy(['undo', `${run}`, '--json'], { env })).expectStatus(3).json()
  t.match(held, { error: { code: 'UNDO_CONFLICTS', details: { conflicting: 1 } } })
})

t.test('an inserted row whose key is written in another way by now is another row', async (t) => {
  const db = await testDatabase(t)
  const to = { databaseUrl: db.url }
  await db.run(`CREATE TABLE sizes (n numeric PRIMARY KEY, name text); INSERT INTO sizes VALUES (1.0, 'one')`)
  await ingest(file(t, 'n,name\n3.0,three\n4.0,four\n1,ONE\n'), { ...to, table: 'sizes', key: 'n' })
  await db.run(`UPDATE sizes SET n = 3.00 WHERE n = 3; UPDATE sizes SET n = 1.00 WHERE n = 1`)
  const { code, details } = await failure(t, undo(1, to))
  t.equal(code, 'UNDO_CONFLICTS')
  t.match(details.conflicts, [
    { key: { n: '3.0' }, conflict: 'row changed', left: { n: '3.0' }, now: { n: '3.00' }, run: null },
  ])
  t.match(await undo(1, { ...to, skipConflicts: true }), { rows: { updated: 1, deleted: 1, skipped: 1 } })
  t.same(await db.rows('SELECT n::text, name FROM sizes ORDER BY n'), [
    { n: '1.00', name: 'one' },
    { n: '3.00', name: 'three' },
  ])
})

t.test('what each attempt finds again is said once', async (t) => {
  const { db, env, run } = await loaded(t)
  await db.run(`ALTER TABLE products ADD CHECK (name <> 'Ann') NOT VALID;
    CREATE TABLE orders (sku text REFERENCES products ON DELETE CASCADE); INSERT INTO orders VALUES ('c')`)
  const { stderr } = (await dasy(['undo', `${run}`], { env })).expectStatus(3)
  t.match(stderr, /a {2}row refused/)
  t.equal(stderr.match(/1 row of orders will be deleted too/g)?.length, 1)
})

t.test('an undo that completes replaces those of the same run that stopped', async (t) => {
  const { db, env, run } = await loaded(t)
  await db.run(`UPDATE products SET name = 'Eva' WHERE sku = 'a'`)
  ;(await dasy(['undo', `${run}`], { env })).expectStatus(3)
  await db.run('ALTER TABLE products RENAME TO goods')
  ;(await dasy(['undo', `${run}`, '--skip-conflicts'], { env })).expectStatus(0)
  t.equal(await db.value(`SELECT count(*) FROM dasy.runs WHERE state <> 'ended'`), 0)
  t.match((await dasy(['resume', '3', '--json'], { env })).expectStatus(1).json(), {
    error: { code: 'ALREADY_UNDONE', details: { undoes: run, undo: 4 } },
  })
})
