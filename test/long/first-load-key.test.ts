import t, { type Test } from 'tap'
import { ingest, migrateUp, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { enoughToMakeAgain } from '../support/enough-records.js'
import { file } from '../support/files.js'

/** A first load into a table that dasy made and that is still empty: whatever was done to its key stays. */

const CONTENT = enoughToMakeAgain('sku,name,description\n1,a,b\n2,c,d\n')

/** All that the catalog says of the key, but for numbers that are others for the same thing. */
function keyOf(db: TestDatabase): Promise<unknown> {
  return db.value(`
    SELECT jsonb_build_object(
             'constraint', k.conname, 'definition', pg_get_constraintdef(k.oid), 'index', pg_get_indexdef(i.indexrelid),
             'deferrable', k.condeferrable, 'deferred', k.condeferred,
             'identity', i.indisreplident, 'clustered', i.indisclustered,
             'options', x.reloptions, 'tablespace', x.reltablespace,
             'comments', ARRAY[obj_description(k.oid, 'pg_constraint'), obj_description(x.oid, 'pg_class')],
             'replica', c.relreplident)
      FROM pg_class AS c
      JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
      JOIN pg_class AS x ON x.oid = i.indexrelid
      JOIN pg_constraint AS k ON k.conindid = x.oid AND k.contype = 'p'
     WHERE c.oid = 'products'::regclass`)
}

const keyFile = (db: TestDatabase) => db.value(`SELECT pg_relation_filenode('products_pkey')`)

async function load(t: Test, db: TestDatabase): Promise<void> {
  const before = await keyOf(db)
  const receipt = await ingest(file(t, CONTENT), { databaseUrl: db.url })
  t.match(receipt.rows, { inserted: 2 })
  t.same(await keyOf(db), before, 'the key is what it was')
  t.equal(await db.value('SELECT count(*) FROM products_agg'), 2)
  const again = await update(file(t, CONTENT), { databaseUrl: db.url })
  t.match(again.rows, { unchanged: 2 })
}

t.test('a key that is just a key is built after the rows', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  const before = await keyFile(db)
  await load(t, db)
  t.not(await keyFile(db), before)
})

const OTHER_KEY = (definition: string) =>
  `ALTER TABLE products DROP CONSTRAINT products_pkey; ALTER TABLE products ADD CONSTRAINT products_pkey ${definition}`

const ATTACHED: Record<string, string> = {
  'replica identity': 'ALTER TABLE products REPLICA IDENTITY USING INDEX products_pkey',
  'cluster on': 'ALTER TABLE products CLUSTER ON products_pkey',
  include: OTHER_KEY('PRIMARY KEY (sku) INCLUDE (name)'),
  deferrable: OTHER_KEY('PRIMARY KEY (sku) DEFERRABLE INITIALLY DEFERRED'),
  'comment on the constraint': `COMMENT ON CONSTRAINT products_pkey ON products IS 'mine'`,
  'comment on the index': `COMMENT ON INDEX products_pkey IS 'mine'`,
  'storage parameters': 'ALTER INDEX products_pkey SET (fillfactor = 70)',
  'storage parameters that dasy did not give': 'ALTER INDEX products_pkey RESET (deduplicate_items)',
  'a foreign key': 'CREATE TABLE stock (sku text REFERENCES products, n integer)',
  'a view': 'CREATE VIEW counted AS SELECT sku, name, count(*) FROM products GROUP BY sku',
  'a materialized view':
    'CREATE MATERIALIZED VIEW counted AS SELECT sku, name, count(*) FROM products GROUP BY sku',
  'a rule': `
    CREATE TABLE log (sku text);
    CREATE RULE noted AS ON INSERT TO log DO ALSO
      INSERT INTO products (sku) VALUES (NEW.sku) ON CONFLICT ON CONSTRAINT products_pkey DO NOTHING`,
  'a function': `
    CREATE FUNCTION named(text) RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC
      SELECT name FROM products WHERE sku = $1 GROUP BY sku; END`,
  'a trigger on truncate': `
    CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
    CREATE TRIGGER never BEFORE TRUNCATE ON products EXECUTE FUNCTION never()`,
  'a table that inherits': 'CREATE TABLE special () INHERITS (products)',
}

for (const [what, statements] of Object.entries(ATTACHED)) {
  t.test(`${what} stays`, async (t) => {
    const db = await testDatabase(t)
    await migrateUp({ databaseUrl: db.url })
    await db.run(statements)
    const before = await keyFile(db)
    await load(t, db)
    t.equal(await keyFile(db), before, 'it is the same index')
  })
}

t.test('a key that was given another name keeps it, and its order', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'a,b,c\n'), { databaseUrl: db.url, table: 'pairs', key: ['b', 'a'] })
  await db.run('ALTER TABLE pairs RENAME CONSTRAINT pairs_pkey TO "My key"')
  const definition = `SELECT pg_get_indexdef('"My key"'::regclass)`
  const before = await db.value(definition)
  const receipt = await ingest(file(t, enoughToMakeAgain('a,b,c\n1,2,3\n')), {
    databaseUrl: db.url,
    table: 'pairs',
    key: ['a', 'b'],
  })
  t.match(receipt.rows, { inserted: 1 })
  t.equal(await db.value(definition), before)
})
