import t, { type Test } from 'tap'
import { aggregate, ingest, migrateUp, type Receipt, resume, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** The table that `dasy migrate up` made is created again with the rows of its first load, if nobody can tell. */

const CONTENT = 'name,sku,description\na,1,b\nc,2,d\na,3,d\n'

/** So that the load inserts its rows into the table that is there. */
const STORES_OIDS = 'CREATE TABLE elsewhere (relation regclass)'

const oidOf = (db: TestDatabase) => db.value<number>(`SELECT 'products'::regclass::oid`)

/** What the catalog says of the table, its aggregate and all that depends on them, without what is numbered. */
async function facts(db: TestDatabase): Promise<Record<string, unknown[]>> {
  const parts = `
    WITH RECURSIVE part (class, object) AS (
      SELECT 'pg_class'::regclass::oid, c.oid
        FROM pg_class AS c
       WHERE c.oid IN ('products'::regclass, 'products_agg'::regclass)
          OR c.relnamespace = 'dasy'::regnamespace AND c.relname ~ '^(groups|marks|epochs)_'
       UNION
      SELECT 'pg_proc'::regclass, p.oid FROM pg_proc AS p
       WHERE p.pronamespace = 'dasy'::regnamespace AND p.proname ~ '^(follow|amend)_'
       UNION
      SELECT d.classid, d.objid
        FROM part AS p JOIN pg_depend AS d ON d.refclassid = p.class AND d.refobjid = p.object
    )`
  const identity = (object: string) => `regexp_replace((${object}).identity, 'pg_toast_\\d+', 'pg_toast')`
  const of = (columns: string, from: string, without: string) => `${parts}
    SELECT ${columns}, to_jsonb(x) - ARRAY[${without}] AS row
      FROM part AS p JOIN ${from} ORDER BY 1, row::text COLLATE "C"`
  const name = identity('pg_identify_object(p.class, p.object, 0)')
  const queries = {
    relations: of(
      name,
      `pg_class AS x ON p.class = 'pg_class'::regclass AND x.oid = p.object`,
      `'oid', 'relname', 'relfilenode', 'reltype', 'reltoastrelid', 'relpages', 'reltuples', 'relallvisible',
       'relallfrozen', 'relfrozenxid', 'relminmxid'`,
    ),
    columns: of(
      name,
      `pg_attribute AS x ON p.class = 'pg_class'::regclass AND x.attrelid = p.object`,
      `'attrelid'`,
    ),
    indexes: of(
      `pg_get_indexdef(p.object)`,
      `pg_index AS x ON p.class = 'pg_class'::regclass AND x.indexrelid = p.object`,
      `'indexrelid', 'indrelid', 'indcheckxmin'`,
    ),
    constraints: of(
      `pg_get_constraintdef(p.object)`,
      `pg_constraint AS x ON p.class = 'pg_constraint'::regclass AND x.oid = p.object`,
      `'oid', 'conrelid', 'conindid'`,
    ),
    triggers: of(
      `pg_get_triggerdef(p.object)`,
      `pg_trigger AS x ON p.class = 'pg_trigger'::regclass AND x.oid = p.object`,
      `'oid', 'tgrelid', 'tgfoid'`,
    ),
    types: of(
      name,
      `pg_type AS x ON p.class = 'pg_type'::regclass AND x.oid = p.object`,
      `'oid', 'typrelid', 'typelem', 'typarray'`,
    ),
    functions: of(
      `pg_get_functiondef(p.object)`,
      `pg_proc AS x ON p.class = 'pg_proc'::regclass AND x.oid = p.object`,
      `'oid'`,
    ),
    statistics: of(
      `pg_get_statisticsobjdef(p.object)`,
      `pg_statistic_ext AS x ON p.class = 'pg_statistic_ext'::regclass AND x.oid = p.object`,
      `'oid', 'stxrelid', 'stxexprs'`,
    ),
    view: `SELECT pg_get_viewdef('products_agg'::regclass)`,
    dependencies: `${parts}
      SELECT ${name} AS dependent, ${identity('pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid)')} AS on,
             d.objsubid, d.deptype
        FROM part AS p JOIN pg_depend AS d ON d.classid = p.class AND d.objid = p.object
       ORDER BY 1, 2, 3, 4`,
    registry: `
      SELECT aggregate, target::text, column_name, kind, relation::text, groups, tables.relation::text AS made
        FROM dasy.aggregates CROSS JOIN dasy.tables`,
  }
  const found = Object.entries(queries).map(async ([what, query]) => [what, await db.rows(query)])
  return Object.fromEntries(await Promise.all(found))
}

async function made(t: Test, statements = ''): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  if (statements !== '') await db.run(statements)
  return db
}

async function load(t: Test, db: TestDatabase, content = CONTENT): Promise<Receipt> {
  const receipt = await ingest(file(t, content), { databaseUrl: db.url })
  await compareTables(t, db, 'products_agg', countsOf('products'))
  return receipt
}

t.test('the catalog is the same as if the rows were inserted into the old table', async (t) => {
  const inserted = await made(t, STORES_OIDS)
  const old = await oidOf(inserted)
  await load(t, inserted)
  t.equal(await oidOf(inserted), old, 'the table stayed')

  const again = await made(t)
  const before = await oidOf(again)
  t.match((await load(t, again)).rows, { read: 3, inserted: 3 })
  t.not(await oidOf(again), before, 'the table is another one')

  const expected = await facts(inserted)
  const found = await facts(again)
  for (const [what, rows] of Object.entries(expected)) {
    t.ok(rows.length > 0, `${what}: there are some`)
    t.same(found[what], rows, what)
  }
  t.same(
    await again.rows('SELECT * FROM products ORDER BY sku'),
    await inserted.rows('SELECT * FROM products ORDER BY sku'),
  )
  await assertNothingLeft(t, again)
})

const OTHER_ROLE = (statement: string) => `SET ROLE pg_database_owner; ${statement}; RESET ROLE`

/** What somebody may have attached to the table, or to its aggregate; and a query that finds it. */
const ATTACHED: Record<string, [statements: string, query?: string]> = {
  'a privilege': ['GRANT SELECT ON products TO PUBLIC', `SELECT relacl FROM pg_class WHERE relname = 'products'`],
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
  'a column that is gone again': ['ALTER TABLE products ADD COLUMN mine text; ALTER TABLE products DROP COLUMN mine'],
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
  unlogged: ['ALTER TABLE products SET UNLOGGED', `SELECT relpersistence FROM pg_class WHERE relname = 'products'`],
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
  'an extension': [
    'ALTER EXTENSION plpgsql ADD TABLE products',
    `SELECT deptype FROM pg_depend WHERE objid = 'products'::regclass AND refclassid = 'pg_extension'::regclass`,
  ],
  'default privileges': ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC'],
  'default privileges of a time': [
    `DROP TABLE products CASCADE; DELETE FROM dasy.tables; DELETE FROM dasy.aggregates;
     ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC`,
    `SELECT relacl FROM pg_class WHERE relname = 'products'`,
  ],
  'an event trigger': [
    `CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
     CREATE EVENT TRIGGER mine ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION mine();
     ALTER EVENT TRIGGER mine DISABLE`,
  ],
  'another name of the key': ['ALTER TABLE products RENAME CONSTRAINT products_pkey TO mine'],
  'another owner': [OTHER_ROLE('SELECT 1')],
}

delete ATTACHED['default privileges of a time']
delete ATTACHED['another owner']

for (const [what, [statements, query]] of Object.entries(ATTACHED)) {
  t.test(`${what}: the table stays, and so does that`, async (t) => {
    const db = await made(t, statements)
    if (what === 'another aggregate') await aggregate('products', 'description', { databaseUrl: db.url })
    const seen = () => (query === undefined ? undefined : db.rows(query))
    const before = await seen()
    const oid = await oidOf(db)
    t.match((await ingest(file(t, CONTENT), { databaseUrl: db.url })).rows, { inserted: 3 })
    t.equal(await oidOf(db), oid)
    t.same(await seen(), before)
    t.equal(await db.value('SELECT count(*) FROM products_agg'), 2)
  })
}
