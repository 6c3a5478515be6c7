import t, { type Test } from 'tap'
import { apply, changes, ingest, plan, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** A plan and the ingest that follows tell the same; what is applied is what an ingest would have done. */

const EXISTING = `
  CREATE TABLE things (sku text PRIMARY KEY, name text, size integer);
  INSERT INTO things VALUES ('a', 'one', 1), ('b', 'two', 2), ('c', NULL, 3)`
const FILE = 'sku,name,size\na,one,1\nb,TWO,\nc,x,3\nd,new,4\nd,newest,5\ne,,6\n'

interface Case {
  /** What is there. */
  readonly sql?: string
  readonly content?: string
  readonly options?: object
  readonly update?: boolean
  /** Makes what is there by a load. */
  readonly first?: string
}

const CASES: Record<string, Case> = {
  'a new table': {},
  'a new table with types': { options: { types: 'size:numeric(6,2)' } },
  'a new table whose types are inferred': { options: { infer: true } },
  'a new table of another name': { options: { table: 'other' } },
  'an empty table of dasy': { first: 'sku,name,size\n' },
  'an empty table of others': {
    sql: 'CREATE TABLE products (sku text PRIMARY KEY, name text, size integer)',
  },
  'a table with rows': { sql: EXISTING, options: { table: 'things' } },
  'by the rules of update': { sql: EXISTING, options: { table: 'things' }, update: true },
  'only existing rows': { sql: EXISTING, options: { table: 'things', existingOnly: true }, update: true },
  'rows that are skipped': { sql: EXISTING, options: { table: 'things', onConflict: 'skip' } },
  'the table products with its aggregate': { first: 'sku,name\na,one\nb,two\nc,one\n' },
  'columns that are added': { first: 'sku,name\na,one\nb,two\nc,one\n', content: 'sku,size\na,1\nd,4\n' },
  'nothing changes': { first: FILE },
  'a check': {
    sql: `${EXISTING}; ALTER TABLE things ADD CHECK (size < 5)`,
    options: { table: 'things', maxRejects: 9 },
  },
  'a foreign key': {
    sql: `${EXISTING}; CREATE TABLE sizes (size integer PRIMARY KEY); INSERT INTO sizes VALUES (1), (2), (3), (5);
      ALTER TABLE things ADD FOREIGN KEY (size) REFERENCES sizes`,
    options: { table: 'things', maxRejects: 9 },
  },
  'another unique column': {
    sql: `${EXISTING}; CREATE UNIQUE INDEX ON things (size)`,
    content: 'sku,name,size\nd,x,3\ne,y,9\n',
    options: { table: 'things', maxRejects: 9 },
  },
  'a default': {
    sql: `${EXISTING}; ALTER TABLE things ADD state text DEFAULT 'fresh'`,
    options: { table: 'things' },
  },
  'a generated column': {
    sql: `${EXISTING}; ALTER TABLE things ADD double integer GENERATED ALWAYS AS (100 / (size - 6)) STORED`,
    options: { table: 'things', maxRejects: 9 },
  },
  'a trigger': {
    sql: `${EXISTING}; CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.name = 'x' THEN RETURN OLD; END IF; NEW.size := NEW.size * 10; RETURN NEW; END $$;
      CREATE TRIGGER act BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION act()`,
    options: { table: 'things' },
  },
  'a trigger that takes no row': {
    sql: `${EXISTING}; CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.sku = 'd' THEN RETURN NULL; END IF; RETURN NEW; END $$;
      CREATE TRIGGER act BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION act()`,
    options: { table: 'things', maxRejects: 9 },
  },
  partitions: {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, size integer) PARTITION BY HASH (sku);
      CREATE TABLE p0 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE p1 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO things VALUES ('a', 'one', 1), ('b', 'two', 2), ('c', NULL, 3)`,
    options: { table: 'things' },
  },
  'records that are rejected': {
    sql: EXISTING,
    content: 'sku,name,size\na,ONE,1\nb,two,many\n,x,1\nf,g,7\n',
    options: { table: 'things', maxRejects: 9 },
  },
  'rows that the file does not have': {
    sql: `${EXISTING}; INSERT INTO things VALUES ('y', 'x', 1), ('z', 'x', 1)`,
    options: { table: 'things', sync: true, maxDeletes: 2 },
  },
  'rows that the file does not have, and others refer to': {
    sql: `${EXISTING}; INSERT INTO things VALUES ('y', 'x', 1), ('z', 'x', 1);
      CREATE TABLE users (sku text REFERENCES things ON DELETE CASCADE); INSERT INTO users VALUES ('z')`,
    options: { table: 'things', sync: true, maxDeletes: 2 },
  },
  'rows that the file does not have, and an aggregate': {
    first: 'sku,name\na,one\ny,one\nz,two\n',
    options: { sync: true, syncWhere: `sku < 'z'`, maxDeletes: '100%' },
    content: 'sku,name\na,three\n',
  },
  'rows in partitions that the file does not have': {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, size integer) PARTITION BY HASH (sku);
      CREATE TABLE p0 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE p1 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO things VALUES ('a', 'one', 1), ('b', 'two', 2), ('y', NULL, 3), ('z', NULL, 3)`,
    options: { table: 'things', sync: true, maxDeletes: 2 },
  },
  'an aggregate that is asked for': {
    sql: EXISTING,
    options: { table: 'things', aggregates: [{ column: 'size' }] },
  },
}

const NUMBERS = { seconds: 0, run: 0, command: '', status: '', sample: 0 }

/** A receipt without what differs from run to run. */
const numbers = (receipt: object) => ({ ...receipt, ...NUMBERS })

async function tables(db: TestDatabase): Promise<unknown> {
  const names = await db.rows<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class AS c
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'p') ORDER BY 1`,
  )
  const all: Record<string, unknown> = {}
  for (const { name } of names)
    all[name] = await db.rows(`SELECT t::text AS row FROM ${name} AS t ORDER BY 1`)
  return all
}

async function prepared(t: Test, { sql, first }: Case): Promise<TestDatabase> {
  const db = await testDatabase(t)
  if (sql) await db.run(sql)
  if (first) await ingest(file(t, first), { databaseUrl: db.url })
  return db
}

async function changesOf(db: TestDatabase, run: number): Promise<unknown[]> {
  const all = []
  for await (const change of changes(run, { databaseUrl: db.url })) all.push(change)
  return all.map(({ byte, line, source, ...change }) => JSON.stringify(change)).sort()
}

for (const [what, each] of Object.entries(CASES)) {
  t.test(`plan, apply, and an ingest do the same: ${what}`, async (t) => {
    const { content = FILE, options = {} } = each
    const source = file(t, content)
    const [planned, loaded] = [await prepared(t, each), await prepared(t, each)]
    const before = await tables(planned)
    const receipt = await plan(source, { databaseUrl: planned.url, ...options, update: each.update })
    t.equal(receipt.status, 'planned')
    t.equal(receipt.command, 'plan')
    t.same(await tables(planned), before, 'the tables are untouched')

    const done = await (each.update ? update : ingest)(source, { databaseUrl: loaded.url, ...options })
    t.same(numbers(receipt), numbers(done), 'the numbers are those of the load')
    const shown = await changesOf(planned, receipt.run)
    t.same(
      receipt.sample.map(({ byte, line, source, ...change }) => JSON.stringify(change)).sort(),
      shown,
      'the sample is the set, as long as that is small',
    )
    if (receipt.rows.inserted + receipt.rows.updated + receipt.rows.deleted > 0)
      t.same(shown, await changesOf(loaded, done.run), 'and so is the set')

    const applied = await apply(receipt.run, { databaseUrl: planned.url })
    t.equal(applied.status, 'completed')
    t.equal(applied.run, receipt.run)
    t.same(numbers(applied), numbers(done))
    t.same(await tables(planned), await tables(loaded), 'the tables are those of the load')
    t.same(await changesOf(planned, receipt.run), await changesOf(loaded, done.run))
    const heads = `SELECT kind, key, key_types, columns, types, attributes, inserted, updated, deleted, xid IS NOT NULL AS applied,
      xid::text = xmin::text AS own FROM dasy.change_sets WHERE run = $1`
    t.same(await planned.rows(heads, [receipt.run]), await loaded.rows(heads, [done.run]))
    t.same(
      numbers(await apply(receipt.run, { databaseUrl: planned.url })),
      numbers(done),
      'once more: its receipt',
    )
    t.same(
      await planned.rows(
        `SELECT relname FROM pg_class WHERE relname ~ '^(before|after|classified|planned|staging|losers)_\\d' AND relkind = 'r'`,
      ),
      [],
      'nothing is left',
    )
  })
}
