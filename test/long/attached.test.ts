import t from 'tap'
import { aggregate, ingest, migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { enoughToMakeAgain } from '../support/enough-records.js'
import { file } from '../support/files.js'

/** A table of `dasy migrate up` is not created again by its first load if somebody could tell that. */

const CONTENT = enoughToMakeAgain('name,sku,description\na,1,b\nc,2,d\na,3,d\n')

/** What somebody may have attached to the table, or to its aggregate; and a query that finds it. */
const ATTACHED: Record<string, [statements: string, query?: string]> = {
  'a privilege': [
    'GRANT SELECT ON products TO PUBLIC',
    `SELECT relacl FROM pg_class WHERE relname = 'products'`,
  ],
  'a privilege on a column': [
    'GRANT SELECT (sku) ON products TO PUBLIC',
    `SELECT attacl FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'sku'`,
  ],
  'a privilege on the aggregate': [
    'GRANT SELECT ON products_agg TO PUBLIC',
    `SELECT relacl FROM pg_class WHERE relname = 'products_agg'`,
  ],
  'a privilege on the row type': [
    'REVOKE USAGE ON TYPE products FROM PUBLIC',
    `SELECT typacl FROM pg_type WHERE typname = 'products'`,
  ],
  'a comment': [`COMMENT ON TABLE products IS 'mine'`, `SELECT obj_description('products'::regclass)`],
  'a comment on a column': [
    `COMMENT ON COLUMN products.name IS 'mine'`,
    `SELECT col_description('products'::regclass, 2)`,
  ],
  'a comment on the aggregate': [
    `COMMENT ON VIEW products_agg IS 'mine'`,
    `SELECT obj_description('products_agg'::regclass)`,
  ],
  'a comment on the key': [
    `COMMENT ON CONSTRAINT products_pkey ON products IS 'mine'`,
    `SELECT description FROM pg_description WHERE classoid = 'pg_constraint'::regclass AND description = 'mine'`,
  ],
  'an index': ['CREATE INDEX mine ON products (name)', `SELECT pg_get_indexdef('mine'::regclass)`],
  'a unique constraint': [
    'ALTER TABLE products ADD CONSTRAINT mine UNIQUE (sku, name)',
    `SELECT pg_get_indexdef('mine'::regclass)`,
  ],
  'a check': [
    `ALTER TABLE products ADD CONSTRAINT mine CHECK (name <> '')`,
    `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'mine'`,
  ],
  'a foreign key': [
    'CREATE TABLE stock (sku text REFERENCES products)',
    `SELECT confrelid::regclass FROM pg_constraint WHERE conrelid = 'stock'::regclass AND contype = 'f'`,
  ],
  'a default': [
    `ALTER TABLE products ALTER name SET DEFAULT 'mine'`,
    `SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'products'::regclass`,
  ],
  'not null': [
    'ALTER TABLE products ALTER name SET NOT NULL',
    `SELECT attnotnull FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'name'`,
  ],
  'another type': ['ALTER TABLE products ALTER description TYPE varchar(50)'],
  'a column': ['ALTER TABLE products ADD COLUMN mine integer'],
  'a column that is gone again': [
    'ALTER TABLE products ADD COLUMN mine text; ALTER TABLE products DROP COLUMN mine',
  ],
  storage: [
    'ALTER TABLE products ALTER description SET STORAGE EXTERNAL',
    `SELECT attstorage FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'description'`,
  ],
  compression: [
    'ALTER TABLE products ALTER description SET COMPRESSION pglz',
    `SELECT attcompression FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'description'`,
  ],
  'a statistics target': [
    'ALTER TABLE products ALTER name SET STATISTICS 500',
    `SELECT attstattarget FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'name'`,
  ],
  'options of a column': [
    'ALTER TABLE products ALTER name SET (n_distinct = 7)',
    `SELECT attoptions FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'name'`,
  ],
  'statistics of several columns': [
    'CREATE STATISTICS mine ON sku, name FROM products',
    `SELECT stxrelid::regclass FROM pg_statistic_ext WHERE stxname = 'mine'`,
  ],
  'storage parameters': [
    'ALTER TABLE products SET (autovacuum_enabled = off)',
    `SELECT reloptions FROM pg_class WHERE relname = 'products'`,
  ],
  'storage parameters of its TOAST table': [
    'ALTER TABLE products SET (toast.autovacuum_enabled = off)',
    `SELECT x.reloptions FROM pg_class AS x JOIN pg_class AS c ON c.reltoastrelid = x.oid WHERE c.relname = 'products'`,
  ],
  'options of the aggregate': [
    'ALTER VIEW products_agg SET (security_barrier)',
    `SELECT reloptions FROM pg_class WHERE relname = 'products_agg'`,
  ],
  'names of the aggregate': ['ALTER VIEW products_agg RENAME COLUMN no_of_products TO number'],
  'a replica identity': [
    'ALTER TABLE products REPLICA IDENTITY FULL',
    `SELECT relreplident FROM pg_class WHERE relname = 'products'`,
  ],
  unlogged: [
    'ALTER TABLE products SET UNLOGGED',
    `SELECT relpersistence FROM pg_class WHERE relname = 'products'`,
  ],
  'a trigger': [
    `CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
     CREATE TRIGGER mine AFTER INSERT ON products EXECUTE FUNCTION mine()`,
    `SELECT tgname FROM pg_trigger WHERE tgname = 'mine' AND tgrelid = 'products'::regclass`,
  ],
  'a rule': [
    'CREATE TABLE log (sku text); CREATE RULE mine AS ON DELETE TO products DO ALSO INSERT INTO log VALUES (OLD.sku)',
    `SELECT rulename FROM pg_rewrite WHERE ev_class = 'products'::regclass`,
  ],
  'a policy': [
    'CREATE POLICY mine ON products USING (true)',
    `SELECT polname FROM pg_policy WHERE polrelid = 'products'::regclass`,
  ],
  'row security': [
    'ALTER TABLE products ENABLE ROW LEVEL SECURITY',
    `SELECT relrowsecurity FROM pg_class WHERE relname = 'products'`,
  ],
  'a view': ['CREATE VIEW mine AS SELECT sku FROM products', `SELECT pg_get_viewdef('mine'::regclass)`],
  'a view of the aggregate': [
    'CREATE VIEW mine AS SELECT name FROM products_agg',
    `SELECT pg_get_viewdef('mine'::regclass)`,
  ],
  'a function': [
    'CREATE FUNCTION mine() RETURNS SETOF products LANGUAGE sql AS $$ SELECT * FROM products $$',
    'SELECT mine() LIMIT 0',
  ],
  'a column of its type': ['CREATE TABLE mine (product products[])'],
  'a table that inherits': [
    'CREATE TABLE mine () INHERITS (products)',
    `SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = 'mine'::regclass`,
  ],
  'another aggregate': [''],
  'a publication': [
    'CREATE PUBLICATION mine FOR TABLE products',
    'SELECT prrelid::regclass FROM pg_publication_rel',
  ],
  'a publication of all tables': ['CREATE PUBLICATION mine FOR ALL TABLES'],
  'a table that stores its number': [
    `CREATE TABLE mine AS SELECT 'products'::regclass AS relation`,
    `SELECT relation::text FROM mine`,
  ],
  'a restored aggregate': ['UPDATE dasy.marks_1 SET epoch = epoch'],
  'an extension': [
    'ALTER EXTENSION plpgsql ADD TABLE products',
    `SELECT deptype FROM pg_depend WHERE objid = 'products'::regclass AND refclassid = 'pg_extension'::regclass`,
  ],
  'default privileges': ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC'],
  'an event trigger': [
    `CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
     CREATE EVENT TRIGGER mine ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION mine();
     ALTER EVENT TRIGGER mine DISABLE`,
  ],
  'another name of the key': ['ALTER TABLE products RENAME CONSTRAINT products_pkey TO mine'],
}

for (const [what, [statements, query]] of Object.entries(ATTACHED)) {
  t.test(`${what}: the table stays, and so does that`, async (t) => {
    const db = await testDatabase(t)
    await migrateUp({ databaseUrl: db.url })
    if (statements !== '') await db.run(statements)
    if (what === 'another aggregate') await aggregate('products', 'description', { databaseUrl: db.url })
    const seen = () => (query === undefined ? undefined : db.rows(query))
    const before = await seen()
    const oid = () => db.value<number>(`SELECT 'products'::regclass::oid`)
    const old = await oid()
    t.match((await ingest(file(t, CONTENT), { databaseUrl: db.url })).rows, { inserted: 3 })
    t.equal(await oid(), old)
    t.same(await seen(), before)
    t.equal(await db.value('SELECT count(*) FROM products_agg'), 2)
  })
}
