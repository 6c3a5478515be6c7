import t from 'tap'
import { tenProducts } from '../changes/ten-products.js'
import { changedKeys, changesOf } from '../support/change-set.js'
import { ingest, purge, resume, runs } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { RECEIPT_FIELDS } from '../support/receipt.js'

/** `purge` deletes rows as a run: with a receipt, a change set, and aggregates that follow. */

/** Keeps a copy of a table, to compare with it. */
async function copy(db: TestDatabase, table = 'products'): Promise<void> {
  await db.run(`CREATE SCHEMA IF NOT EXISTS copy; CREATE TABLE copy.${table} AS SELECT * FROM ${table}`)
}

t.test('rows for which the condition holds go, in one run with a receipt', async (t) => {
  const db = await tenProducts(t)
  await copy(db)
  const receipt = await purge('products', { where: "name = 'name 1'", databaseUrl: db.url })
  const { run, seconds, ...rest } = receipt
  t.same(Object.keys(receipt), RECEIPT_FIELDS)
  t.same(rest, {
    command: 'purge',
    status: 'completed',
    source: null,
    table: 'products',
    key: ['sku'],
    bytes: 0,
    workers: 0,
    rows: {
      read: 3,
      rejected: 0,
      duplicates: 0,
      inserted: 0,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      deleted: 3,
    },
    aggregates: [{ table: 'products_agg', groups: 2 }],
    doubts: [],
  })
  await compareTables(t, db, 'products', `SELECT * FROM copy.products WHERE name <> 'name 1'`)
  await compareTables(t, db, 'products_agg', countsOf('products'))
  t.same(await changedKeys(db, run), ['delete s1', 'delete s4', 'delete s7'])
  t.same(await runs({ run, databaseUrl: db.url }), [receipt], 'the ledger has the same receipt')

  const all = await purge('products', { databaseUrl: db.url })
  t.equal(all.rows.deleted, 7)
  t.same(await db.rows('SELECT * FROM products'), [])
  t.same(await db.rows('SELECT * FROM products_agg'), [])
  const none = await purge('products', { databaseUrl: db.url })
  t.equal(none.rows.read, 0, 'an empty table has nothing to delete')
  const left = await db.rows(
    `SELECT relname FROM pg_class WHERE relnamespace = 'dasy'::regnamespace AND relname ~ '^(classified|before|after|staging)_'`,
  )
  t.same(left, [], 'nothing is left in the schema dasy')
})

t.test('a condition is one expression over the columns of the table', async (t) => {
  const db = await tenProducts(t)
  const bad = [
    'nme = 1',
    'sku',
    "sku = 'a') OR (true",
    'true; DROP TABLE products',
    'true -- and more',
    'true /* open',
    "sku = 'open",
    '$1 IS NULL',
    '',
    'count(*) > 1',
    'c.op IS NOT NULL',
    'place IS NOT NULL',
    'true ORDER BY sku',
    'true, true',
  ]
  for (const where of bad) {
    const { code, exitStatus } = await failure(t, purge('products', { where, databaseUrl: db.url }))
    t.same({ code, exitStatus }, { code: 'BAD_OPTION', exitStatus: 2 }, where)
  }
  t.equal(await db.value('SELECT count(*) FROM products'), 10)
  t.equal((await runs({ databaseUrl: db.url })).length, 1, 'no run began')
  await db.run("UPDATE products SET name = NULL WHERE sku = 's0'")
  const good = {
    "products.sku = 's9'": ['s9'],
    "name <> 'name 1' AND sku < 's4' /* and */": ['s2', 's3'],
    "sku IN (SELECT p.sku FROM products AS p WHERE p.name = 'name 1' AND p.description > '4')": ['s7'],
    "ctid IS NOT NULL AND sku = 's8' --\n": ['s8'],
  }
  for (const [where, keys] of Object.entries(good)) {
    const { run } = await purge('products', { where, databaseUrl: db.url })
    t.same(
      await changedKeys(db, run),
      keys.map((key) => `delete ${key}`),
      where,
    )
  }
  t.same(
    await db.rows('SELECT sku FROM products ORDER BY 1'),
    ['s0', 's1', 's4', 's5', 's6'].map((sku) => ({ sku })),
  )
})

t.test('it needs a table and a key', async (t) => {
  const db = await tenProducts(t)
  await db.run('CREATE TABLE keyless (a int); CREATE VIEW seen AS SELECT 1 AS a')
  for (const [table, code] of Object.entries({
    keyless: 'NO_KEY',
    seen: 'NOT_A_TABLE',
    missing: 'TABLE_NOT_FOUND',
  }))
    t.equal((await failure(t, purge(table, { databaseUrl: db.url }))).code, code)
})

/** Tables whose rows have no key by which all are found, or where triggers, rules or policies take part. */
const TABLES = {
  'a key that may be NULL': `CREATE TABLE things (sku text UNIQUE, name text)`,
  partitions: `
    CREATE TABLE things (sku text, name text) PARTITION BY LIST (name);
    CREATE TABLE things_1 PARTITION OF things FOR VALUES IN ('a');
    CREATE TABLE things_2 PARTITION OF things DEFAULT`,
  'a table that inherits': `
    CREATE TABLE things (sku text UNIQUE, name text);
    CREATE TABLE children (more text) INHERITS (things)`,
  'a trigger': `
    CREATE TABLE things (sku text UNIQUE, name text);
    CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
    CREATE TRIGGER pass BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION pass()`,
}

for (const [name, made] of Object.entries(TABLES)) {
  t.test(`rows are found by their place: ${name}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`${made};
      INSERT INTO things SELECT nullif(n, 3)::text, chr(97 + n % 2) FROM generate_series(1, 6) AS n;
      INSERT INTO things VALUES (NULL, 'b')`)
    if (name === 'a table that inherits')
      await db.run(`INSERT INTO children VALUES ('1', 'a', 'x'), (NULL, 'b', 'y')`)
    // The last load tells the key.
    if (name === 'partitions') await db.run('CREATE UNIQUE INDEX ON things (sku, name)')
    const key = name === 'partitions' ? 'sku,name' : 'sku'
    await ingest(file(t, 'sku,name\n7,a\n'), { table: 'things', key, databaseUrl: db.url })
    await copy(db, 'things')
    const { run, rows } = await purge('things', { where: "name = 'b'", databaseUrl: db.url })
    await compareTables(t, db, 'things', `SELECT * FROM copy.things WHERE name <> 'b'`)
    const gone = await db.value<number>(`SELECT count(*) FROM copy.things WHERE name = 'b'`)
    t.same([rows.read, rows.deleted], [gone, gone])
    const kept = (await changesOf(db, run)).map(({ key, old }) => ({
      sku: (key as { sku: string | null }).sku,
      name: (old as { name: string }).name ?? (key as { name: string }).name,
    }))
    const expected = await db.rows(`SELECT sku, name FROM copy.things WHERE name = 'b'`)
    const sorted = (list: unknown[]) => list.map((each) => JSON.stringify(each)).toSorted()
    t.same(sorted(kept), sorted(expected), 'the change set has each of them')
    const all = await purge('things', { databaseUrl: db.url })
    t.same(await db.rows('SELECT * FROM things'), [])
    t.equal(all.rows.deleted, all.rows.read)
  })
}

const KEEPING = {
  'a trigger that keeps rows': `
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN OLD.sku <> ''s2'' THEN OLD END; END';
    CREATE TRIGGER keep BEFORE DELETE ON products FOR EACH ROW EXECUTE FUNCTION keep()`,
  'a trigger that marks rows instead': `
    CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.sku <> 's2' THEN RETURN OLD; END IF;
      UPDATE products SET description = 'deleted' WHERE sku = OLD.sku;
      RETURN NULL;
    END $$;
    CREATE TRIGGER mark BEFORE DELETE ON products FOR EACH ROW EXECUTE FUNCTION mark()`,
  'a rule': `CREATE RULE keep AS ON DELETE TO products WHERE OLD.sku = 's2' DO INSTEAD NOTHING`,
}

for (const [name, made] of Object.entries(KEEPING)) {
  t.test(`${name}: only what is gone is deleted`, async (t) => {
    const db = await tenProducts(t)
    await db.run(made)
    const { run, rows } = await purge('products', { where: "sku < 's4'", databaseUrl: db.url })
    t.match(rows, { read: 4, deleted: 3, unchanged: 1 })
    t.same(
      await db.rows('SELECT sku FROM products ORDER BY 1'),
      ['s2', 's4', 's5', 's6', 's7', 's8', 's9'].map((sku) => ({ sku })),
    )
    const gone = (await changedKeys(db, run)).filter((each) => each.startsWith('delete'))
    t.same(gone, ['delete s0', 'delete s1', 'delete s3'])
    await compareTables(t, db, 'products_agg', countsOf('products'))
  })
}

t.test('a row without a key that a trigger keeps is not deleted', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE things (sku text UNIQUE, name text);
    INSERT INTO things VALUES ('1', 'a'), (NULL, 'b'), (NULL, 'c');
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN OLD.name <> ''b'' THEN OLD END; END';
    CREATE TRIGGER keep BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION keep()`)
  await ingest(file(t, 'sku,name\n2,d\n'), { table: 'things', databaseUrl: db.url })
  const { run, rows } = await purge('things', { databaseUrl: db.url })
  t.match(rows, { read: 4, deleted: 3, unchanged: 1 })
  t.same(await db.rows('SELECT * FROM things'), [{ sku: null, name: 'b' }])
  const gone = (await changesOf(db, run)).map(({ op, old }) => `${op} ${old?.name}`)
  t.same(gone.toSorted(), ['delete a', 'delete c', 'delete d'])
})

t.test('rows that row security hides stay', async (t) => {
  const db = await tenProducts(t)
  const role = await db.role()
  await db.run(`
    GRANT USAGE, CREATE ON SCHEMA dasy TO ${role.name};
    GRANT ALL ON ALL TABLES IN SCHEMA dasy TO ${role.name};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA dasy TO ${role.name};
    CREATE TABLE hidden (sku text PRIMARY KEY, name text);
    INSERT INTO hidden SELECT n::text, 'n' FROM generate_series(1, 9) AS n;
    GRANT SELECT, DELETE ON hidden TO ${role.name};
    ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
    CREATE POLICY seen ON hidden FOR SELECT USING (sku < '6');
    CREATE POLICY mine ON hidden FOR DELETE USING (sku > '2')`)
  const { rows } = await purge('hidden', { databaseUrl: role.url })
  t.match(rows, { read: 5, deleted: 3, unchanged: 2 })
  t.same(
    (await db.rows('SELECT sku FROM hidden ORDER BY 1')).map(({ sku }) => sku),
    ['1', '2', '6', '7', '8', '9'],
  )
})

t.test('a purge that was aborted is resumed by its number', async (t) => {
  const db = await tenProducts(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ROW EXCLUSIVE MODE')
  const abort = new AbortController()
  const waiting = purge('products', { where: "sku > 's4'", databaseUrl: db.url, signal: abort.signal })
  while (
    !(await db.value(
      `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'products'::regclass)`,
    ))
  );
  abort.abort()
  const { code, details } = await failure(t, waiting)
  t.equal(code, 'INTERRUPTED')
  await holder.query('ROLLBACK')
  const run = details.run as number
  t.match(await runs({ run, databaseUrl: db.url }), [
    { status: 'interrupted', command: 'purge', source: null },
  ])
  t.equal(await db.value('SELECT count(*) FROM products'), 10)
  const bad = await failure(t, resume(run, { maxRejects: 1, databaseUrl: db.url }))
  t.match(bad, { code: 'BAD_OPTION', exitStatus: 2 })
  const receipt = await resume(run, { databaseUrl: db.url })
  t.match(receipt, { run, command: 'purge', rows: { deleted: 5 } })
  t.same(await resume(run, { databaseUrl: db.url }), receipt, 'once more tells the same')
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('a purge whose connection breaks goes on', async (t) => {
  const db = await tenProducts(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN ROW EXCLUSIVE MODE')
  const waiting = purge('products', { databaseUrl: db.url })
  let killed = 0
  while (killed === 0)
    killed = await db.value<number>(
      `SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted AND relation = 'products'::regclass`,
    )
  await holder.query('ROLLBACK')
  t.match(await waiting, { run: 2, rows: { deleted: 10 } })
  t.equal((await runs({ databaseUrl: db.url })).length, 2, 'as the same run')
})
