import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import copyStreams from 'pg-copy-streams'
import t from 'tap'
import { aggregate, ingest, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, realFiles } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { noise } from '../support/noise.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { rowVersions } from '../support/rows.js'
import { assertCounted, products } from './products.js'

const HEADER = 'sku,name,description\n'

/** Distinct, longer than a B-tree takes, and the same for their first 3,000 bytes. */
const LONG_NAMES = (() => {
  const start = noise(2250).toString('base64')
  return ['one', 'two', 'three'].map((end) => start + end)
})()
const [LONG, LONG_TOO, LONG_AS_WELL] = LONG_NAMES as [string, string, string]

const WRITES: [string, string][] = [
  ['an INSERT of one row', `INSERT INTO products (sku, name) VALUES ('e', 'y')`],
  ['an INSERT of a new name', `INSERT INTO products (sku, name) VALUES ('f', 'z')`],
  [
    'an INSERT of several rows',
    `INSERT INTO products (sku, name) VALUES ('g', 'z'), ('h', NULL), ('i', ''), ('j', 'z'), ('k', ' ')`,
  ],
  ['an INSERT of no row', `INSERT INTO products (sku, name) SELECT 'none', 'none' WHERE false`],
  ['an INSERT … SELECT', `INSERT INTO products (sku, name) SELECT sku || '2', name FROM products`],
  [
    'an INSERT that does nothing on conflict',
    `INSERT INTO products (sku, name) VALUES ('a', 'other'), ('l', 'other') ON CONFLICT DO NOTHING`,
  ],
  [
    'an INSERT that updates on conflict',
    `INSERT INTO products (sku, name) VALUES ('a', 'moved'), ('b', 'x'), ('m', 'moved')
         ON CONFLICT (sku) DO UPDATE SET name = excluded.name`,
  ],
  ['an UPDATE of another column', `UPDATE products SET description = 'new'`],
  ['an UPDATE that moves names', `UPDATE products SET name = 'x' WHERE name = 'z'`],
  [
    'an UPDATE that swaps names',
    `UPDATE products SET name = CASE name WHEN 'x' THEN 'y' ELSE 'x' END
                                   WHERE name IN ('x', 'y')`,
  ],
  ['an UPDATE to NULL', `UPDATE products SET name = NULL WHERE sku < 'c'`],
  ['an UPDATE from NULL', `UPDATE products SET name = sku WHERE name IS NULL`],
  ['an UPDATE to the empty string', `UPDATE products SET name = '' WHERE sku IN ('c', 'd')`],
  ['an UPDATE of the key', `UPDATE products SET sku = sku || '!'`],
  [
    'names that are too long for an index',
    `INSERT INTO products (sku, name)
     VALUES ('l1', '${LONG}'), ('l2', '${LONG_TOO}'), ('l3', '${LONG}'), ('l4', '${LONG_AS_WELL}')`,
  ],
  ['an UPDATE between long names', `UPDATE products SET name = '${LONG_TOO}' WHERE name = '${LONG}'`],
  ['a DELETE of the last of a long name', `DELETE FROM products WHERE name = '${LONG_AS_WELL}'`],
  [
    'names with backslashes and quotes',
    `INSERT INTO products (sku, name)
      SELECT 'q' || n, repeat(E'\\\\''"%', 750 * n) FROM generate_series(1, 3) AS n`,
  ],
  [
    'a MERGE',
    `MERGE INTO products AS p USING (VALUES ('a!', 'merged'), ('b!', NULL), ('n', 'merged')) AS v (sku, name)
        ON p.sku = v.sku
      WHEN MATCHED AND v.name IS NULL THEN DELETE
      WHEN MATCHED THEN UPDATE SET name = v.name
      WHEN NOT MATCHED THEN INSERT (sku, name) VALUES (v.sku, v.name)`,
  ],
  [
    'one statement that deletes and inserts',
    `WITH gone AS (DELETE FROM products WHERE name = 'merged' RETURNING sku)
     INSERT INTO products (sku, name) SELECT sku || '?', 'back' FROM gone`,
  ],
  ['a DELETE of several rows', `DELETE FROM products WHERE sku > 'h'`],
  ['a DELETE of no row', `DELETE FROM products WHERE sku = 'nobody'`],
  ['a TRUNCATE', `TRUNCATE products`],
  ['an INSERT after that', `INSERT INTO products (sku, name) VALUES ('a', 'x'), ('b', NULL)`],
  ['a DELETE of everything', `DELETE FROM products`],
]

t.test('the aggregate follows whatever another program writes', async (t) => {
  const db = await products(t)
  await assertCounted(t, db, 'the first rows')
  for (const [name, statement] of WRITES) {
    await db.run(statement)
    await assertCounted(t, db, name)
  }
})

t.test('the aggregate follows a COPY', async (t) => {
  const db = await products(t)
  const client = await db.client()
  const lines = Array.from(
    { length: 1000 },
    (_, index) => `n${index}\t${index % 3 ? `name ${index % 10}` : '\\N'}\n`,
  )
  await pipeline(Readable.from(lines), client.query(copyStreams.from('COPY products (sku, name) FROM STDIN')))
  t.equal(await db.value('SELECT count(*) FROM products'), 1004)
  await assertCounted(t, db)
})

t.test('what another program rolls back was never counted', async (t) => {
  const db = await products(t)
  const before = await rowVersions(db, 'products_agg')
  const client = await db.client()
  await client.query('BEGIN')
  await client.query(`INSERT INTO products (sku, name) VALUES ('e', 'new'), ('f', 'x')`)
  await client.query('DELETE FROM products WHERE name IS NULL')
  await client.query('ROLLBACK')
  t.same(await rowVersions(db, 'products_agg'), before)

  await client.query('BEGIN')
  await client.query(`INSERT INTO products (sku, name) VALUES ('e', 'new')`)
  await client.query('SAVEPOINT half')
  await client.query('TRUNCATE products')
  await client.query('ROLLBACK TO half')
  await client.query(`UPDATE products SET name = 'newer' WHERE sku = 'e'`)
  await client.query('COMMIT')
  t.equal(await db.value(`SELECT no_of_products FROM products_agg WHERE name = 'newer'`), 1)
  await assertCounted(t, db, 'half of a transaction')
})

t.test('who may write the table need not be allowed to write the aggregate', async (t) => {
  const db = await products(t)
  const role = await db.role()
  await db.run(`GRANT INSERT, DELETE, TRUNCATE ON products TO ${role.name}`)
  const client = await db.client(role.url)
  await client.query(`INSERT INTO products (sku, name) VALUES ('r', 'by another role')`)
  await assertCounted(t, db)
  await client.query('DELETE FROM products')
  await assertCounted(t, db)
  await client.query('TRUNCATE products')
  for (const forbidden of [
    'SELECT * FROM products_agg',
    'DELETE FROM products_agg',
    `SELECT dasy.settle(1, 'SELECT NULL::text, 1::bigint')`,
    'INSERT INTO dasy.groups_1 VALUES (NULL, 1, 0, 0)',
  ]) {
    await t.rejects(client.query(forbidden), { code: '42501' }, forbidden)
  }
})

t.test('a load counts rows whose file has no name, and moves those it renames', async (t) => {
  const db = await products(t)
  await ingest(file(t, 'sku,description\na,new\ne,new\nf,new\n'), { databaseUrl: db.url })
  t.equal(await db.value('SELECT no_of_products FROM products_agg WHERE name IS NULL'), 3)
  await assertCounted(t, db, 'without names')
  const receipt = await ingest(file(t, `${HEADER}a,y,\nb,,\nd,"",\ng,${LONG},\nh,${LONG_TOO},\n`), {
    databaseUrl: db.url,
  })
  t.match(receipt.rows, { inserted: 2, updated: 3 })
  await assertCounted(t, db, 'with names')
  t.same(receipt.aggregates, [
    { table: 'products_agg', groups: await db.value('SELECT count(*) FROM products_agg') },
  ])
  t.equal(await db.value(`SELECT count(*) FROM products_agg WHERE name = 'x'`), 0, 'an empty group is no row')
  await db.run(`UPDATE products SET name = 'x'`)
  await assertCounted(t, db, "and afterwards it follows other programs' writes again")
})

t.test(
  'an aggregate of another column has a name of its own and is kept by loads and by others',
  async (t) => {
    const db = await testDatabase(t)
    await ingest(realFiles.products, { databaseUrl: db.url })
    await db.run(`UPDATE products SET description = left(description, 1)`)
    const made = await aggregate('products', 'description', { databaseUrl: db.url, top: 3 })
    const counts = countsOf('products', 'description')
    const check = (message: string) => compareTables(t, db, 'products_agg_description', counts, message)
    const largest = await db.rows(
      `SELECT description AS value, count(*) FROM products GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3`,
    )
    t.match(made, {
      aggregate: 'products_agg_description',
      table: 'products',
      column: 'description',
      kind: 'live',
    })
    t.match(made, {
      action: 'created',
      largest,
      groups: await db.value(`SELECT count(*) FROM (${counts}) AS c`),
    })
    await check('as it is made')
    await db.run(`DELETE FROM products WHERE description = 'A'`)
    await check("after another program's statement")
    const receipt = await ingest(realFiles.products, { databaseUrl: db.url, workers: 2 })
    await check('after a load')
    await assertCounted(t, db, 'the other one too')
    t.same(receipt.aggregates?.map(({ table }) => table).sort(), ['products_agg', 'products_agg_description'])
    await assertNothingLeft(t, db, { tables: ['products', 'products_agg', 'products_agg_description'] })
  },
)

t.test('an aggregate that was spoilt is right again after a refresh', async (t) => {
  const db = await products(t)
  await aggregate('products', 'name', { databaseUrl: db.url })
  await db.run(`UPDATE products_agg SET no_of_products = 99 WHERE name = 'x';
                DELETE FROM products_agg WHERE name IS NULL;
                INSERT INTO products_agg VALUES ('nobody', 7)`)
  const kept = `SELECT ctid::text FROM dasy.groups_1 WHERE value = 'y'`
  const before = await db.value(kept)
  t.match(await aggregate('products', 'name', { databaseUrl: db.url }), { action: 'refreshed', groups: 3 })
  await assertCounted(t, db)
  t.equal(await db.value(kept), before, 'a row that was right is not written')
})

t.test('a view is always right', async (t) => {
  const db = await products(t)
  const made = await aggregate('products', 'sku', { databaseUrl: db.url, as: 'view' })
  t.match(made, { aggregate: 'products_agg_sku', kind: 'view', action: 'created', groups: 4 })
  const check = () => compareTables(t, db, 'products_agg_sku', countsOf('products', 'sku'))
  await db.run(`DELETE FROM products WHERE sku = 'a'`)
  await check()
  await ingest(file(t, `${HEADER}e,x,\nf,y,\n`), { databaseUrl: db.url })
  await check()
  t.match(await aggregate('products', 'sku', { databaseUrl: db.url }), { kind: 'view', action: 'refreshed' })
  await aggregate('products', 'sku', { databaseUrl: db.url, drop: true })
  await assertNothingLeft(t, db)
})

t.test('a manual aggregate is refreshed by its command alone', async (t) => {
  const db = await products(t)
  const options = { databaseUrl: db.url, into: 'by_hand', manual: true }
  t.match(await aggregate('products', 'name', options), { aggregate: 'by_hand', kind: 'manual', groups: 3 })
  await compareTables(t, db, 'by_hand', countsOf('products'))
  const before = await rowVersions(db, 'by_hand')

  await db.run(`INSERT INTO products (sku, name) VALUES ('e', 'new'), ('f', 'x')`)
  const receipt = await ingest(file(t, `${HEADER}a,new,\ng,x,\n`), { databaseUrl: db.url })
  t.same(
    receipt.aggregates?.map(({ table }) => table),
    ['products_agg'],
  )
  await assertCounted(t, db, 'the live one of the same column is right')
  t.same(await rowVersions(db, 'by_hand'), before, 'the manual one is untouched')

  t.match(await aggregate('products', 'name', { databaseUrl: db.url, into: 'by_hand' }), {
    action: 'refreshed',
  })
  await compareTables(t, db, 'by_hand', countsOf('products'))
  await assertNothingLeft(t, db, { tables: ['by_hand', 'products', 'products_agg'] })
})

t.test('a dropped aggregate is gone with its triggers', async (t) => {
  const db = await products(t)
  const triggers = () =>
    db.rows(`SELECT tgname FROM pg_trigger WHERE tgrelid = 'products'::regclass ORDER BY tgname`)
  const before = await triggers()
  await aggregate('products', 'description', { databaseUrl: db.url, into: 'words' })
  t.equal((await triggers()).length, 2 * before.length)
  const drop = () => aggregate('products', 'description', { databaseUrl: db.url, drop: true })
  t.match(await drop(), { aggregate: 'words', action: 'dropped' })
  t.same(await triggers(), before)
  await db.run(`INSERT INTO products (sku, name) VALUES ('e', 'x')`)
  await assertCounted(t, db, 'the other one still follows')
  await assertNothingLeft(t, db)
  t.match(await failure(t, drop()), { code: 'AGGREGATE_NOT_FOUND', exitStatus: 1 })
})

t.test('any table can have an aggregate, of a column of any type', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE SCHEMA shop;
                CREATE TABLE shop."Order lines" (id integer PRIMARY KEY, "unit price" numeric(8, 2));
                INSERT INTO shop."Order lines" SELECT n, n % 3 FROM generate_series(1, 20) AS n`)
  const made = await aggregate('shop.Order lines', 'unit price', { databaseUrl: db.url })
  t.match(made, { aggregate: 'shop.Order lines_agg_unit price', groups: 3 })
  const check = () =>
    compareTables(
      t,
      db,
      'shop."Order lines_agg_unit price"',
      countsOf('shop."Order lines"', 'unit price', 'no_of_Order lines'),
    )
  await check()
  await db.run(`UPDATE shop."Order lines" SET "unit price" = NULL WHERE id < 5`)
  await check()
  await update(file(t, 'id,unit price\n1,9.5\n2,9.50\n3,\n99,0\n'), {
    databaseUrl: db.url,
    table: 'shop.Order lines',
    key: 'id',
  })
  await check()
})

t.test('what cannot be counted is an error that says so', async (t) => {
  const db = await products(t)
  await db.run('CREATE TABLE taken (x integer)')
  for (const [call, expected] of [
    [() => aggregate('nothing', 'name', { databaseUrl: db.url }), 'TABLE_NOT_FOUND'],
    [() => aggregate('products', 'nmae', { databaseUrl: db.url }), 'COLUMN_NOT_FOUND'],
    [() => aggregate('products', 'sku', { databaseUrl: db.url, into: 'taken' }), 'NAME_TAKEN'],
    [() => aggregate('products', 'name', { databaseUrl: db.url, as: 'view' }), 'AGGREGATE_DIFFERS'],
    [() => aggregate('products_agg', 'name', { databaseUrl: `${db.url}_` }), 'CONNECTION_FAILED'],
  ] as const) {
    t.match(await failure(t, call()), {
      code: expected,
      exitStatus: expected === 'CONNECTION_FAILED' ? 4 : 1,
    })
  }
  await assertCounted(t, db)
})

t.test('a renamed column and a renamed table are still counted', async (t) => {
  const db = await products(t)
  await db.run(`ALTER TABLE products RENAME COLUMN name TO label; ALTER TABLE products RENAME TO goods`)
  await db.run(`INSERT INTO goods (sku, label) VALUES ('e', 'x'), ('f', 'new')`)
  await compareTables(
    t,
    db,
    'products_agg',
    `SELECT label AS name, count(*) AS no_of_products FROM goods GROUP BY 1`,
  )
  const receipt = await update(file(t, 'sku,label\na,new\ng,\n'), { databaseUrl: db.url, table: 'goods' })
  t.match(receipt.rows, { inserted: 1, updated: 1 })
  await compareTables(
    t,
    db,
    'products_agg',
    `SELECT label AS name, count(*) AS no_of_products FROM goods GROUP BY 1`,
  )
})

t.test(
  'an aggregate that somebody dropped by hand stops no write, and the next load makes it anew',
  async (t) => {
    const db = await products(t)
    await db.run('DROP VIEW products_agg')
    await db.run(`INSERT INTO products (sku, name) VALUES ('e', 'x')`)
    await ingest(file(t, `${HEADER}f,new,\n`), { databaseUrl: db.url })
    await assertCounted(t, db)
    await db.run(`DELETE FROM products WHERE name = 'x'`)
    await assertCounted(t, db)
  },
)
