import t from 'tap'
import { blame } from '../../lib/api/blame.js'
import { changes } from '../../lib/api/changes.js'
import type { Change } from '../../lib/contract/change.js'
import { setsOf } from '../../lib/history/change-set.js'
import { listOld, pruneHistory } from '../../lib/history/prune.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { HistoryOf } from '../support/history.js'

const MANY = 30_000

const PRODUCTS = `
  CREATE TABLE products (sku text PRIMARY KEY, name text, description text);
  INSERT INTO products VALUES ('a', 'x', NULL), ('b', 'y', ''), ('c', 'z', 'old')`

async function prepared(t: Tap): Promise<{ db: TestDatabase; history: HistoryOf }> {
  const db = await testDatabase(t)
  const history = await HistoryOf.open(db)
  t.teardown(() => history[Symbol.asyncDispose]())
  await db.run(PRODUCTS)
  return { db, history }
}
type Tap = Parameters<typeof testDatabase>[0]

const MIXED = `
  UPDATE products SET name = 'y2', description = NULL WHERE sku = 'b';
  DELETE FROM products WHERE sku = 'c';
  INSERT INTO products VALUES ('d', '', NULL)`

async function all(db: TestDatabase, run: number, options = {}): Promise<Change[]> {
  const found: Change[] = []
  for await (const change of changes(run, { databaseUrl: db.url, ...options })) found.push(change)
  return found
}

/** The error of a call. */
function failed(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error) => error,
  )
}

const NOWHERE = { source: null, byte: null, line: null }

for (const [name, about] of [
  ['in the table of all runs', 1],
  ['in a table of their own', MANY],
] as const) {
  t.test(`the changes of a run, ${name}`, async (t) => {
    const { db, history } = await prepared(t)
    const first = await history.run('products', `UPDATE products SET name = 'x1' WHERE sku = 'a'`, { about })
    const run = await history.run('products', MIXED, { about })
    t.same(await all(db, first), [
      { op: 'update', key: { sku: 'a' }, old: { name: 'x' }, new: { name: 'x1' }, ...NOWHERE },
    ])
    const expected = [
      {
        op: 'update',
        key: { sku: 'b' },
        old: { name: 'y', description: '' },
        new: { name: 'y2', description: null },
        ...NOWHERE,
      },
      { op: 'delete', key: { sku: 'c' }, old: { sku: 'c', name: 'z', description: 'old' }, ...NOWHERE },
      { op: 'insert', key: { sku: 'd' }, new: { sku: 'd', name: '', description: null }, ...NOWHERE },
    ]
    t.strictSame(await all(db, run), expected)
    t.strictSame(await all(db, run, { op: 'insert, delete' }), expected.slice(1))
    t.strictSame(await all(db, run, { op: ['update'] }), expected.slice(0, 1))
    t.strictSame(await all(db, run, { limit: 2 }), expected.slice(0, 2))
    t.strictSame(
      (await all(db, run, { column: 'description' })).map(({ old, new: now }) => ({ old, now })),
      [
        { old: { description: '' }, now: { description: null } },
        { old: { description: 'old' }, now: undefined },
        { old: undefined, now: { description: null } },
      ],
    )
    t.same((await all(db, first, { column: 'description' })).length, 0)
    t.equal(await db.value(`SELECT count(*) FROM dasy.changes`), about === 1 ? 4 : 0)
  })
}

t.test('more changes than one batch, in the order of the records', async (t) => {
  const { db, history } = await prepared(t)
  const values = `SELECT 'k' || i, repeat('n', i % 50), i::text FROM generate_series(1, 7000) AS i ORDER BY hashint4(i)`
  const run = await history.run('products', `INSERT INTO products ${values}`, { position: 'description' })
  const found = await all(db, run)
  t.equal(found.length, 7000)
  t.same(
    found.map(({ key }) => key.sku),
    Array.from({ length: 7000 }, (_, index) => `k${index + 1}`),
  )
})

t.test('columns may have any name', async (t) => {
  const { db, history } = await prepared(t)
  await db.run(`CREATE TABLE odd (sku text PRIMARY KEY, "__proto__" text, "a""b\nc" text)`)
  const run = await history.run('odd', `INSERT INTO odd VALUES ('a', 'b', NULL)`)
  const [change] = await all(db, run)
  t.equal(JSON.stringify(change?.new), '{"sku":"a","__proto__":"b","a\\"b\\nc":null}')
})

t.test('what cannot be shown is told', async (t) => {
  const { db, history } = await prepared(t)
  const options = { databaseUrl: db.url }
  const read = async (run: number, more = {}) => {
    for await (const _ of changes(run, { ...options, ...more }));
  }
  t.match(await failed(read(5)), { code: 'RUN_NOT_FOUND' })
  const run = await history.run('products', MIXED)
  t.match(await failed(read(run, { column: 'price' })), { code: 'COLUMN_NOT_FOUND' })
  t.match(await failed(read(run, { op: 'upsert' })), { code: 'BAD_OPTION', exitStatus: 2 })
  t.match(await failed(read(run, { only: 'a' })), { code: 'BAD_OPTION' })
  await pruneHistory(history.session, await listOld(history.session, 0))
  t.match(await failed(read(run)), { code: 'NO_HISTORY' })
  await db.run(`UPDATE dasy.runs SET state = 'merging', outcome = 'failed'; DELETE FROM dasy.change_sets`)
  t.match(await failed(read(run)), { code: 'NO_HISTORY', message: /failed/ })
  await db.run(`UPDATE dasy.runs SET state = 'ended', outcome = 'completed'`)
  t.same(await all(db, run), [], 'a run that changed nothing has no changes')
})

t.test('old sets are removed, plans are not', async (t) => {
  const { db, history } = await prepared(t)
  const old = await history.run('products', MIXED)
  const large = await history.run('products', `UPDATE products SET name = name || '!'`, { about: MANY })
  await db.run(`UPDATE dasy.change_sets SET written_at = now() - interval '31 days'`)
  const plan = await history.run('products', `UPDATE products SET name = name || '?'`, { planned: true })
  await db.run(`UPDATE dasy.change_sets SET written_at = now() - interval '31 days' WHERE run = ${plan}`)
  const recent = await history.run('products', `UPDATE products SET name = name || '#'`, { about: MANY })
  const listed = await listOld(history.session, 30 * 86_400)
  t.same(await listOld(history.session, 0, recent), [{ run: recent, kind: 'own' }])
  t.same(await pruneHistory(history.session, listed), { runs: [old, large], failures: [] })
  t.same(await db.rows('SELECT run, kind FROM dasy.change_sets ORDER BY run'), [
    { run: old, kind: 'none' },
    { run: large, kind: 'none' },
    { run: plan, kind: 'shared' },
    { run: recent, kind: 'own' },
  ])
  t.same(await db.rows('SELECT DISTINCT run FROM dasy.changes'), [{ run: plan }])
  const tables = `SELECT relname FROM pg_class WHERE relnamespace = 'dasy'::regnamespace AND relname ~ '^changes_\\d+$'`
  t.same(await db.rows(tables), [{ relname: `changes_${recent}` }])
  const sets = await setsOf(history.session, await db.value(`SELECT 'products'::regclass::oid::integer`))
  t.same(
    sets.map(({ run, original, wrapped }) => ({ run, original, wrapped })),
    [
      { run: recent, original: true, wrapped: false },
      { run: large, original: false, wrapped: false },
      { run: old, original: false, wrapped: false },
    ],
    'a plan is not a set of the table, and a row that was written again is not original',
  )
})

t.test('who wrote a row', async (t) => {
  const { db, history } = await prepared(t)
  const read = async (...key: (string | null)[]) => {
    const found: unknown[] = []
    for await (const each of blame('products', key, { databaseUrl: db.url })) found.push(each)
    return found
  }
  await db.run('DELETE FROM products')
  const first = await history.run(
    'products',
    `INSERT INTO products VALUES ('a', 'x', NULL), ('b', 'y', ''), ('c', 'z', 'old')`,
    { firstLoad: true },
  )
  const mixed = await history.run('products', MIXED)
  const large = await history.run('products', `UPDATE products SET name = 'n' WHERE sku <> 'a'`, {
    about: MANY,
  })
  const again = await history.run('products', `INSERT INTO products VALUES ('c', 'back', NULL)`)

  const by = (run: number) => ({ run, command: 'update', time: Date, ...NOWHERE })
  t.match(await read('a'), [{ ...by(first), op: 'insert', new: { sku: 'a', name: 'x', description: null } }])
  t.match(await read('b'), [
    { ...by(large), op: 'update', old: { name: 'y2' }, new: { name: 'n' } },
    {
      ...by(mixed),
      op: 'update',
      old: { name: 'y', description: '' },
      new: { name: 'y2', description: null },
    },
    { ...by(first), op: 'insert', new: { sku: 'b', name: 'y', description: '' } },
  ])
  t.match(await read('c'), [
    { ...by(again), op: 'insert' },
    { ...by(mixed), op: 'delete' },
    { ...by(first), op: 'insert', new: { sku: 'c', name: 'z', description: 'old' } },
  ])
  t.same(await read('nobody'), [])

  await db.run(
    `UPDATE products SET description = 'foreign' WHERE sku IN ('b', 'a'); DELETE FROM products WHERE sku = 'c'`,
  )
  t.match((await read('b')).slice(0, 2), [{ outside: true }, by(large)])
  t.match((await read('c')).slice(0, 2), [{ outside: true }, by(again)])
  t.same(await read('a'), [{ outside: true }], 'nothing tells who loaded a row that another wrote since')

  await db.run(`ALTER TABLE products RENAME description TO text; ALTER TABLE products DROP name`)
  await db.run(`UPDATE products SET text = NULL WHERE sku = 'b'`)
  t.match((await read('b'))[1], { ...by(mixed), new: { name: 'y2', text: null } })
  t.match(await failed(read('a', 'b')), { code: 'BAD_OPTION', exitStatus: 2 })
})

t.test('a key is found by an index, in the table of all runs and in those of their own', async (t) => {
  const { db, history } = await prepared(t)
  const change = `INSERT INTO products SELECT 'k' || i, 'n', NULL FROM generate_series(1, 20000) AS i`
  await history.run('products', change)
  const large = await history.run('products', `UPDATE products SET name = 'm'`, { about: MANY })
  const rowsRead = () =>
    db.value<number>(
      `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer FROM pg_stat_user_tables
        WHERE relname IN ('changes', 'changes_${large}', 'products')`,
    )
  await history.session.run('SELECT pg_stat_force_next_flush()')
  await db.run('SELECT pg_stat_clear_snapshot()')
  const before = await rowsRead()
  let found = 0
  for await (const _ of blame('products', 'k77', { databaseUrl: db.url })) found += 1
  t.equal(found, 2)
  // The session of blame has ended, so its counts are there.
  const read = (await rowsRead()) - before
  t.ok(read >= 3 && read < 10, `${read} rows were read`)
})

t.test('a key is found by its type, however it is written', async (t) => {
  const { db, history } = await prepared(t)
  await db.run(`
    CREATE COLLATION level2 (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE typed (n numeric, s text COLLATE level2, at timestamptz, value int, UNIQUE NULLS NOT DISTINCT (n, s, at))`)
  const key = ['n', 's', 'at']
  for (const about of [1, MANY]) {
    await history.run('typed', `INSERT INTO typed VALUES (1.0, 'A', '2026-01-01 00:00+01', 1)`, {
      key,
      about,
    })
    await history.run('typed', `DELETE FROM typed`, { key, about })
  }
  await history.run('typed', `INSERT INTO typed VALUES (1.00, 'a', '2025-12-31 23:00+00', 2)`, { key })
  const count = async (...values: (string | null)[]) => {
    let found = 0
    for await (const _ of blame('typed', values, { databaseUrl: db.url })) found += 1
    return found
  }
  t.equal(await count('1', 'a', '2026-01-01 00:00+01'), 5)
  t.equal(await count('1.000', 'A', '2025-12-31 23:00+00'), 5)
  t.equal(await count('1', 'b', '2026-01-01 00:00+01'), 0)
  t.equal(await count(null, 'a', '2026-01-01 00:00+01'), 0)
  await db.run(`ALTER TABLE typed ALTER n TYPE double precision`)
  t.equal(
    await count('1', 'a', '2026-01-01 00:00+01'),
    6,
    'also after the type has changed, which changed the row',
  )
})
