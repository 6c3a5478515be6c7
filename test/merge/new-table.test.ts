import t from 'tap'
import { ingest, migrateUp } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded, compareTables } from '../support/oracle.js'

/** Enough for a second session, which prepares the aggregate beside the user's tables. */
const RECORDS = 60_000

/** Whatever the catalog says of a table and its indexes, but for their numbers. */
function definition(db: TestDatabase, table: string): Promise<unknown[]> {
  return db.rows(
    `SELECT c.relname, n.nspname, c.relkind, c.relpersistence, c.reloptions, c.relowner, c.relacl,
            pg_get_indexdef(c.oid) AS index,
            (SELECT jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), attnotnull, attcollation)
                              ORDER BY attnum)
               FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS columns,
            (SELECT jsonb_agg(jsonb_build_array(conname, contype, pg_get_constraintdef(oid)) ORDER BY conname)
               FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
            (SELECT jsonb_agg(jsonb_build_array(tgname, tgtype, tgenabled) ORDER BY tgname)
               FROM pg_trigger WHERE tgrelid = c.oid) AS triggers,
            (SELECT jsonb_agg(typname) FROM pg_type WHERE typrelid = c.oid) AS type
       FROM pg_class AS c
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.oid = $1::regclass
         OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = $1::regclass)
      ORDER BY c.relname`,
    [table],
  )
}

t.test('tables that a load makes are those that "migrate up" makes', async (t) => {
  const db = await testDatabase(t)
  const path = generatedProducts(t, RECORDS)
  await migrateUp({ databaseUrl: db.url })
  const tables = ['products', 'products_agg']
  const definitions = () => Promise.all(tables.map((table) => definition(db, table)))
  const made = await definitions()
  await ingest(path, { databaseUrl: db.url, workers: 2 })
  t.same(await definitions(), made, 'also after they were filled')
  await assertProductsLoaded(t, db, path)

  await db.run('DROP VIEW products_agg; DROP TABLE products; DROP SCHEMA dasy CASCADE')
  const { aggregates } = await ingest(path, { databaseUrl: db.url, workers: 2 })
  t.same(await definitions(), made, 'made with their rows')
  t.same(aggregates, [{ table: 'products_agg', groups: await db.value('SELECT count(*) FROM products_agg') }])
  await assertProductsLoaded(t, db, path)
  await assertNothingLeft(t, db)
})

t.test('privileges that new tables get by default are those of the aggregate too', async (t) => {
  const db = await testDatabase(t)
  const reader = await db.role()
  await db.run(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${reader.name}`)
  const path = generatedProducts(t, RECORDS)
  await ingest(path, { databaseUrl: db.url, workers: 2 })
  const client = await db.client(reader.url)
  for (const table of ['products', 'products_agg']) {
    const { rows } = await client.query(`SELECT count(*) AS count FROM ${table}`)
    t.ok(rows[0].count > 0, `${table} can be read`)
  }
  await assertProductsLoaded(t, db, path)
  await db.run(`DROP OWNED BY ${reader.name}`)
})

t.test('an aggregate that another run has prepared, and left, is in the way of nobody', async (t) => {
  const db = await testDatabase(t)
  const path = generatedProducts(t, RECORDS)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`
    DROP VIEW products_agg; DROP TABLE products;
    CREATE TABLE dasy.prepared_99 (name text, no_of_products bigint);
    CREATE UNIQUE INDEX products_agg_key ON dasy.prepared_99 (name);
    CREATE SCHEMA shop`)
  await Promise.all(
    ['public', 'shop'].map((schema) =>
      ingest(path, { databaseUrl: db.url, table: `${schema}.products`, workers: 2 }),
    ),
  )
  await assertProductsLoaded(t, db, path)
  await compareTables(t, db, 'shop.products', 'SELECT * FROM products')
  await compareTables(t, db, 'shop.products_agg', 'SELECT * FROM products_agg')
})

t.test('a relation in the place of the aggregate is found before a row is written', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE products_agg (mine text);
    CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_query() LIKE '%fillfactor%' THEN
        RAISE 'the table is made';
      END IF;
    END $$;
    CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION refuse()`)
  const error = await failure(t, ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url }))
  t.match(error, { code: 'NAME_TAKEN', hint: /--into/ })
})
