import t, { type Test } from 'tap'
import { aggregate, ingest, migrateDown, migrateStatus, migrateUp, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, realFiles } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { rowVersions } from '../support/rows.js'

const HEADER = 'sku,name,description\n'

/** Everything that the catalog knows of this database, PostgreSQL's own objects included. */
async function catalog(db: TestDatabase): Promise<Record<string, unknown>> {
  const objects = {
    pg_namespace: 'nspname',
    pg_class: 'oid::regclass::text',
    pg_proc: 'oid::regprocedure::text',
    pg_type: 'oid::regtype::text',
    pg_trigger: 'tgname',
    pg_constraint: 'conname',
    pg_default_acl: 'oid::text',
    pg_extension: 'extname',
    pg_event_trigger: 'evtname',
  }
  const lists = Object.entries(objects).map(async ([table, name]) => {
    const rows = await db.rows<{ name: string }>(`SELECT ${name} AS name FROM ${table} ORDER BY oid`)
    return [table, rows.map((row) => row.name)]
  })
  return Object.fromEntries(await Promise.all(lists))
}

function triggersOn(db: TestDatabase, table: string): Promise<unknown[]> {
  return db.rows('SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal', [table])
}

async function assertProductsTables(t: Test, db: TestDatabase): Promise<void> {
  const columns = (table: string) =>
    db.rows(
      `SELECT format('%s %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' not null' END)
              AS column
         FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
      [table],
    )
  t.same(
    await columns('products'),
    ['sku text not null', 'name text', 'description text'].map((column) => ({ column })),
  )
  t.same(
    await columns('products_agg'),
    ['name text', 'no_of_products bigint'].map((column) => ({ column })),
  )
}

t.test('up makes products and its aggregate, and up again changes nothing', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const before = await migrateStatus(options)
  t.ok(
    before.every(({ appliedAt }) => appliedAt === null),
    'asking for the status makes nothing',
  )
  t.equal(await db.value(`SELECT to_regnamespace('dasy')`), null)

  const first = await migrateUp(options)
  t.same(first, { applied: before.map(({ name }) => name), made: ['products', 'products_agg'] })
  await assertProductsTables(t, db)
  const all = await catalog(db)
  t.same(await migrateUp(options), { applied: [], made: [] })
  t.same(await catalog(db), all)
  t.ok((await migrateStatus(options)).every(({ appliedAt }) => appliedAt instanceof Date))
  await assertNothingLeft(t, db)
})

t.test('twenty times up at once make everything once', async (t) => {
  const db = await testDatabase(t)
  const results = await Promise.all(Array.from({ length: 20 }, () => migrateUp({ databaseUrl: db.url })))
  const names = (await migrateStatus({ databaseUrl: db.url })).map(({ name }) => name)
  t.same(results.flatMap(({ applied }) => applied).sort(), names.sort(), 'each migration is applied once')
  t.same(results.flatMap(({ made }) => made).sort(), ['products', 'products_agg'])
  await db.run(`INSERT INTO products (sku, name) VALUES ('a', 'x'), ('b', 'x')`)
  t.same(await db.rows('SELECT * FROM products_agg'), [{ name: 'x', no_of_products: 2 }], 'counted once')
  await assertNothingLeft(t, db)
})

t.test('down leaves nothing of what dasy made', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const before = await catalog(db)
  t.same(await migrateDown(options), { removed: [] }, 'where there is nothing, nothing is removed')
  await migrateUp(options)
  t.same((await migrateDown(options)).removed.sort(), ['dasy', 'products', 'products_agg'])
  t.same(await catalog(db), before, 'after up')

  await ingest(realFiles.products, options)
  await aggregate('products', 'sku', { ...options, as: 'view' })
  await aggregate('products', 'description', { ...options, manual: true, into: 'words' })
  await ingest(realFiles.products, { ...options, table: 'shop.products' })
  await failure(t, ingest(file(t, `${HEADER}few\n`), options))
  t.same((await migrateDown(options)).removed.sort(), [
    'dasy',
    'products',
    'products_agg',
    'products_agg_sku',
    'shop.products_agg',
    'words',
  ])
  await db.run('DROP SCHEMA shop CASCADE')
  t.same(await catalog(db), before, 'after loads')
  t.same(await migrateDown(options), { removed: [] }, 'and down again has nothing to do')

  const again = await ingest(realFiles.products, options)
  t.match(again.rows, { inserted: 499 }, 'a load makes everything anew')
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test("down takes dasy's triggers and aggregates from other tables, and leaves the tables", async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await db.run(`CREATE SCHEMA shop;
                CREATE TABLE shop.orders (id text PRIMARY KEY, status text);
                INSERT INTO shop.orders VALUES ('1', 'new');
                CREATE FUNCTION shop.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER mine AFTER INSERT ON shop.orders EXECUTE FUNCTION shop.mine()`)
  const before = await catalog(db)
  const rows = await rowVersions(db, 'shop.orders')
  await aggregate('shop.orders', 'status', options)
  t.ok((await triggersOn(db, 'shop.orders')).length > 1, 'it has triggers of dasy')
  await migrateDown(options)
  t.same(await catalog(db), before)
  t.same(await rowVersions(db, 'shop.orders'), rows)
  t.same(await triggersOn(db, 'shop.orders'), [{ tgname: 'mine' }])
  t.equal(await db.run(`INSERT INTO shop.orders VALUES ('2', 'new')`), 1, 'and the table can be written')
})

t.test('a products table that the user made stays', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await db.run(
    'CREATE TABLE products (sku varchar(20) PRIMARY KEY, name varchar(50) NOT NULL, stock integer)',
  )
  const before = await catalog(db)
  t.same((await migrateUp(options)).made, ['products_agg'])
  await update(file(t, 'sku,name,stock\n1,one,10\n2,two,\n'), options)
  t.same((await migrateDown(options)).removed.sort(), ['dasy', 'products_agg'])
  t.same(await catalog(db), before)
  t.same(await db.rows('SELECT * FROM products ORDER BY sku'), [
    { sku: '1', name: 'one', stock: 10 },
    { sku: '2', name: 'two', stock: null },
  ])
})

t.test('a table of another name that a load made holds data, and stays', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, 'sku,name\n1,one\n'), { ...options, table: 'goods' })
  await migrateDown(options)
  t.same(await db.rows('SELECT * FROM goods'), [{ sku: '1', name: 'one' }])
  const receipt = await ingest(file(t, 'sku,name\n1,one\n2,two\n'), { ...options, table: 'goods' })
  t.match(receipt.rows, { inserted: 1, unchanged: 1 })
})

t.test('up after a load makes what is missing, and nothing else', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, 'sku,name\n1,one\n'), { ...options, table: 'goods' })
  t.same(await migrateUp(options), { applied: [], made: ['products', 'products_agg'] })

  await ingest(realFiles.products, options)
  const rows = () => Promise.all(['products', 'products_agg'].map((table) => rowVersions(db, table)))
  const before = await rows()
  t.same(await migrateUp(options), { applied: [], made: [] })
  t.same(await rows(), before)
  await assertNothingLeft(t, db, { tables: ['goods', 'products', 'products_agg'] })
})

t.test("down removes all or nothing: what the user's view needs stops it", async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(realFiles.products, options)
  await db.run('CREATE VIEW mine AS SELECT name FROM products_agg WHERE no_of_products > 1')
  const before = await catalog(db)
  t.match(await failure(t, migrateDown(options)), { exitStatus: 1 })
  t.same(await catalog(db), before)
  await db.run(`DELETE FROM products`)
  t.equal(await db.value('SELECT count(*) FROM products_agg'), 0, 'and the aggregate still follows')
})

t.test('the schema of a later version is left alone', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await migrateUp(options)
  await db.run(`INSERT INTO dasy.migrations (number, name, checksum) VALUES (999, 'from_the_future', '')`)
  const before = await catalog(db)
  for (const call of [migrateUp, migrateDown, migrateStatus, () => ingest(realFiles.products, options)]) {
    t.match(await failure(t, call(options)), { code: 'SCHEMA_TOO_NEW', exitStatus: 1 })
  }
  t.same(await catalog(db), before)
})

t.test(
  'the schema of a version before the first release is one clear error, and can be removed',
  async (t) => {
    const db = await testDatabase(t)
    const options = { databaseUrl: db.url }
    const before = await catalog(db)
    await migrateUp(options)
    await aggregate('products', 'description', { ...options, manual: true, into: 'words' })
    await db.run(`
    ALTER TABLE dasy.migrations DROP COLUMN checksum;
    INSERT INTO dasy.migrations (number, name) SELECT number, 'earlier' FROM generate_series(5, 11) AS number
        ON CONFLICT DO NOTHING;
    ALTER TABLE dasy.aggregates DROP COLUMN column_name;
    ALTER TABLE dasy.runs DROP COLUMN doubts`)
    for (const call of [migrateUp, migrateStatus, () => ingest(realFiles.products, options)]) {
      const error = await failure(t, call(options))
      t.match(error, { code: 'MIGRATION_CHANGED', exitStatus: 1, hint: /dasy migrate down/ })
      t.match(error.message, /migration 1 \(ledger\)/)
    }
    t.same((await migrateDown(options)).removed, ['products_agg', 'words', 'products', 'dasy'])
    t.same(await catalog(db), before, 'nothing of it is left')
    await ingest(realFiles.products, options)
    await compareTables(t, db, 'products_agg', countsOf('products'))
  },
)

t.test('such a schema is not removed while a load is at work in it', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await migrateUp(options)
  await db.run(`UPDATE dasy.migrations SET checksum = 'another'`)
  const load = await db.client()
  await load.query('SELECT pg_advisory_lock_shared(1684108153, 1)')
  t.match(await failure(t, migrateDown(options)), { code: 'RUN_ACTIVE' })
  await load.query('SELECT pg_advisory_unlock_shared(1684108153, 1)')
  t.match(await migrateDown(options), { removed: ['products_agg', 'products', 'dasy'] })
})
