import t, { type Test } from 'tap'
import { ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** The change sets that loads store. */

/** The changes of a run, as they are stored. */
async function changesOf(db: TestDatabase, run: number): Promise<string[]> {
  const own = await db.value('SELECT to_regclass($1)', [`dasy.changes_${run}`])
  const rows = await db.rows<{ row: string }>(
    `SELECT concat_ws(' ', op, key::text, coalesce(old::text, '-'), coalesce(new::text, '-')) AS row
       FROM dasy.changes${own ? `_${run}` : ''} WHERE run = $1 ORDER BY 1`,
    [run],
  )
  return rows.map(({ row }) => row)
}

async function headOf(db: TestDatabase, run: number): Promise<unknown> {
  const rows = await db.rows(
    `SELECT kind, relation::text, key, columns, inserted, updated, deleted FROM dasy.change_sets WHERE run = $1`,
    [run],
  )
  return rows[0]
}

const load = (t: Test, db: TestDatabase, content: string, options = {}) =>
  ingest(file(t, content), { databaseUrl: db.url, ...options })

t.test(
  'a first load keeps no copy, a later one what it changes, and an unchanged file nothing',
  async (t) => {
    const db = await testDatabase(t)
    await load(t, db, 'sku,name\na,Ann\nb,Bob\n')
    t.match(await headOf(db, 1), { kind: 'first_load', key: ['sku'], inserted: 2, updated: 0 })
    t.equal(
      await db.value('SELECT xid = (SELECT xmin::text::bigint FROM products LIMIT 1) FROM dasy.change_sets'),
      true,
    )
    await load(t, db, 'sku,name\na,Ann\nb,Ben\nc,Cem\n')
    t.match(await headOf(db, 2), {
      kind: 'shared',
      columns: ['name', 'description'],
      inserted: 1,
      updated: 1,
    })
    t.same(await changesOf(db, 2), ['i {c} - {Cem,NULL}', 'u {b} {Bob,NULL} {Ben,NULL}'])
    await load(t, db, 'sku,name\na,Ann\nb,Ben\nc,Cem\n')
    t.equal(await headOf(db, 3), undefined)
  },
)

t.test('nor does one into a table that somebody else made', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    `CREATE TABLE things (sku text PRIMARY KEY, name text CHECK (name <> 'bad'), n integer DEFAULT 7)`,
  )
  await load(t, db, 'sku,name\na,Ann\nb,Bob\n', { table: 'things' })
  t.match(await headOf(db, 1), { kind: 'first_load', inserted: 2 })
  await db.run('TRUNCATE things')
  await load(t, db, 'sku,name\na,Ann\nc,bad\n', { table: 'things', maxRejects: 1 })
  t.match(
    await headOf(db, 2),
    { kind: 'first_load', inserted: 1 },
    'the rest after the refused row, in one statement',
  )
})

t.test('a table of its own for many changes, and the same rows', async (t) => {
  const db = await testDatabase(t)
  const many = (value: string) => Array.from({ length: 26_000 }, (_, i) => `k${i},${value}`).join('\n')
  await load(t, db, `sku,name\n${many('x')}\n`)
  await load(t, db, `sku,name\n${many('y')}\n`)
  t.match(await headOf(db, 2), { kind: 'own', updated: 26_000 })
  t.equal(
    await db.value(
      `SELECT count(*) FROM dasy.changes_2 WHERE old[1] = 'x' AND new[1] = 'y' AND was IS NOT NULL`,
    ),
    26_000,
  )
})

t.test('--no-history and 0 days keep no values', async (t) => {
  const db = await testDatabase(t)
  await load(t, db, 'sku,name\na,Ann\n')
  await load(t, db, 'sku,name\na,Abe\n', { history: false })
  t.match(await headOf(db, 2), { kind: 'none', updated: 1 })
  await load(t, db, 'sku,name\na,Ada\n')
  t.match(await headOf(db, 3), { kind: 'shared' })
  await load(t, db, 'sku,name\na,Art\n', { historyDays: 0 })
  t.match(await headOf(db, 4), { kind: 'none', updated: 1 })
  t.match(await headOf(db, 3), { kind: 'none' }, 'and the run removes what is older')
  t.equal(await db.value('SELECT count(*) FROM dasy.changes'), 0)
})

t.test('update records only what it writes', async (t) => {
  const db = await testDatabase(t)
  await load(t, db, 'sku,name\na,Ann\n')
  await update(file(t, 'sku,name\na,Abe\nx,Xen\n'), { databaseUrl: db.url, existingOnly: true })
  t.same(await changesOf(db, 2), ['u {a} {Ann,NULL} {Abe,NULL}'])
  t.match(await headOf(db, 2), { inserted: 0, updated: 1 })
})

const ROWS = `INSERT INTO things (sku, name) VALUES ('a', 'one'), ('b', 'two'), ('c', 'three')`
const CONTENT = 'sku,name\na,ONE\nb,two\nc,kept\nd,four\n'

/** Tables that store something else than what is written: the rows are read back. */
const OTHERS: Record<string, { sql: string; changes: readonly string[] }> = {
  'a default': {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, state text DEFAULT 'fresh'); ${ROWS}`,
    changes: ['i {d} - {four,fresh}', 'u {a} {one,NULL} {ONE,NULL}', 'u {c} {three,NULL} {kept,NULL}'],
  },
  'a trigger': {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, written integer DEFAULT 0); ${ROWS};
      CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.name = 'kept' THEN NEW := OLD; ELSE NEW.written := 1; END IF; RETURN NEW; END $$;
      CREATE TRIGGER act BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION act()`,
    changes: ['i {d} - {four,1}', 'u {a} {one,0} {ONE,1}'],
  },
  partitions: {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text) PARTITION BY HASH (sku);
      CREATE TABLE p0 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE p1 PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER 1); ${ROWS}`,
    changes: ['i {d} - {four}', 'u {a} {one} {ONE}', 'u {c} {three} {kept}'],
  },
  'a key with another collation': {
    sql: `CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE things (sku text COLLATE blind PRIMARY KEY, name text); ${ROWS}; UPDATE things SET sku = upper(sku)`,
    changes: ['i {d} - {four}', 'u {A} {one} {ONE}', 'u {C} {three} {kept}'],
  },
  'columns that are called as ours': {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, t text, b text, whole text DEFAULT 'W'); ${ROWS}`,
    changes: [
      'i {d} - {four,NULL,NULL,W}',
      'u {a} {one,NULL,NULL,NULL} {ONE,NULL,NULL,NULL}',
      'u {c} {three,NULL,NULL,NULL} {kept,NULL,NULL,NULL}',
    ],
  },
  'a few rows of many, in columns that are called as ours': {
    sql: `CREATE TABLE things (sku text PRIMARY KEY, name text, t text, whole text DEFAULT 'W'); ${ROWS};
      INSERT INTO things SELECT 'x' || n, repeat('y', 500) FROM generate_series(1, 1000) AS n; ANALYZE things`,
    changes: [
      'i {d} - {four,NULL,W}',
      'u {a} {one,NULL,NULL} {ONE,NULL,NULL}',
      'u {c} {three,NULL,NULL} {kept,NULL,NULL}',
    ],
  },
  'other types': {
    sql: `CREATE TYPE mood AS ENUM ('one', 'two', 'three', 'ONE', 'kept', 'four');
      CREATE TABLE things (sku varchar(5) COLLATE "C" PRIMARY KEY, name mood, id integer GENERATED ALWAYS AS IDENTITY); ${ROWS}`,
    changes: ['i {d} - {four,4}', 'u {a} {one,NULL} {ONE,NULL}', 'u {c} {three,NULL} {kept,NULL}'],
  },
}

for (const [what, { sql, changes }] of Object.entries(OTHERS)) {
  t.test(`what the table holds is recorded: ${what}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(sql)
    await load(t, db, CONTENT, { table: 'things' })
    t.same(await changesOf(db, 1), changes)
    t.match(await headOf(db, 1), {
      kind: 'shared',
      relation: 'things',
      inserted: 1,
      updated: changes.length - 1,
    })
    t.same(await db.rows(`SELECT relname FROM pg_class WHERE relname ~ '^(before|after|classified)_'`), [])
  })
}

t.test('rows that are written one by one are recorded as well', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (sku text PRIMARY KEY, name text CHECK (name <> 'kept')); ${ROWS}`)
  await load(t, db, CONTENT, { table: 'things', maxRejects: 1 })
  t.same(await changesOf(db, 1), ['i {d} - {four}', 'u {a} {one} {ONE}'])
})

t.test('what was written long ago is removed by the next run', async (t) => {
  const db = await testDatabase(t)
  await load(t, db, 'sku,name\na,Ann\n')
  await load(t, db, 'sku,name\na,Abe\n')
  await db.run(`UPDATE dasy.change_sets SET written_at = now() - interval '31 days' WHERE run = 2`)
  await load(t, db, 'sku,name\na,Abe\n')
  t.match(await headOf(db, 2), { kind: 'none', updated: 1 })
  t.same(await changesOf(db, 2), [])
})
