import t from 'tap'
import { Database } from '../../lib/db/database.js'
import type { Session } from '../../lib/db/session.js'
import { onStatement } from '../../lib/db/trace.js'
import { knownTables } from '../../lib/rows/known-tables.js'
import { Sessions } from '../../lib/service/sessions.js'
import { aggregate, ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { rowsOf } from './open.js'

/** How many statements have been run by lib/. */
let statements = 0
onStatement(() => {
  statements += 1
})

/** Makes dasy know tables, as if it had made them. */
async function know(db: TestDatabase, ...tables: string[]): Promise<void> {
  for (const table of tables) await db.run(`INSERT INTO dasy.tables VALUES ('${table}'::regclass)`)
}

t.test('tables of every kind, in one list', async (t) => {
  const db = await testDatabase(t)
  const databaseUrl = db.url
  const rows = await rowsOf(t, db, {
    tables: [
      { schema: undefined, name: 'named' },
      { schema: 'Other "S', name: "it's a.b" },
      { schema: undefined, name: 'a_view' },
      { schema: undefined, name: 'missing' },
    ],
  })
  await db.run(`
    CREATE TYPE mood AS ENUM ('bad', 'good');
    CREATE DOMAIN small AS varchar(3) CHECK (VALUE <> 'x');
    CREATE SCHEMA "Other ""S";
    CREATE TABLE "Other ""S"."it's a.b" ("Ä b" small PRIMARY KEY, "c""d" numeric(10,2)[] NOT NULL);
    CREATE TABLE named (b int, a text, gone int, double int GENERATED ALWAYS AS (b * 2) STORED, feeling mood, PRIMARY KEY (a, b));
    ALTER TABLE named DROP COLUMN gone;
    CREATE TABLE keyless (feeling mood, at timestamp(3) DEFAULT now());
    CREATE VIEW a_view AS SELECT 1 AS one;
    CREATE MATERIALIZED VIEW kept_view AS SELECT 1 AS one;
    CREATE SEQUENCE counter;
    CREATE TABLE parts (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
    CREATE TABLE parts_3 PARTITION OF parts_2 FOR VALUES FROM (10) TO (15);
    INSERT INTO parts SELECT generate_series(1, 13);
    CREATE TABLE no_parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE child () INHERITS (parent);
    INSERT INTO child VALUES (1);
    CREATE TABLE hidden (id int PRIMARY KEY)`)
  await know(db, 'keyless', 'a_view', 'kept_view', 'counter', 'parts', 'parts_1', 'no_parts', 'parent')
  // Its last load has another key than the table.
  await db.run('CREATE TABLE loaded (id int PRIMARY KEY, sku text UNIQUE, feeling mood)')
  await know(db, 'loaded')
  await ingest(file(t, 'id,sku,feeling\n1,a,good\n'), { databaseUrl, table: 'loaded', key: ['sku'] })
  await aggregate('named', 'a', { databaseUrl })
  await aggregate('loaded', 'feeling', { databaseUrl })
  await aggregate('loaded', 'id', { databaseUrl, as: 'view' })
  await db.run('ANALYZE')

  const column = (name: string, type: string, required = false) => ({ name, type, required })
  const plain = { aggregates: [] }
  t.same(await rows.tables(), [
    {
      table: `"Other ""S"."it's a.b"`,
      columns: [column('Ä b', 'public.small', true), column('c"d', 'numeric(10,2)[]', true)],
      key: ['Ä b'],
      rows: 0,
      ...plain,
    },
    {
      table: 'keyless',
      columns: [column('feeling', 'public.mood'), column('at', 'timestamp(3) without time zone')],
      key: null,
      rows: 0,
      ...plain,
    },
    {
      table: 'loaded',
      columns: [column('id', 'integer', true), column('sku', 'text'), column('feeling', 'public.mood')],
      key: ['sku'],
      rows: 1,
      aggregates: [
        { name: 'loaded_agg_feeling', column: 'feeling', kind: 'live' },
        { name: 'loaded_agg_id', column: 'id', kind: 'view' },
      ],
    },
    {
      table: 'named',
      columns: [
        column('b', 'integer', true),
        column('a', 'text', true),
        column('double', 'integer'),
        column('feeling', 'public.mood'),
      ],
      key: ['a', 'b'],
      rows: 0,
      aggregates: [{ name: 'named_agg_a', column: 'a', kind: 'live' }],
    },
    { table: 'no_parts', columns: [column('id', 'integer', true)], key: ['id'], rows: null, ...plain },
    { table: 'parent', columns: [column('id', 'integer', true)], key: ['id'], rows: 0, ...plain },
    {
      table: 'parts',
      columns: [column('id', 'integer', true), column('name', 'text')],
      key: ['id'],
      rows: 13,
      ...plain,
    },
    {
      table: 'parts_1',
      columns: [column('id', 'integer', true), column('name', 'text')],
      key: ['id'],
      rows: 9,
      ...plain,
    },
  ])

  const role = await db.role()
  await db.run(`
    GRANT USAGE ON SCHEMA dasy TO ${role.name};
    GRANT SELECT ON ALL TABLES IN SCHEMA dasy TO ${role.name};
    GRANT SELECT ON parts, named TO ${role.name};
    CREATE TABLE own (id int PRIMARY KEY);
    ALTER TABLE own OWNER TO ${role.name}`)
  await know(db, 'own')
  const all = await rows.tables()
  const seen = await listedBy(t, role.url)
  t.same(
    seen.map(({ table }) => table),
    ['own', 'parts'],
    'a role sees what it may read; it has no configuration',
  )
  t.same(
    seen,
    all.filter(({ table }) => table === 'own' || table === 'parts'),
    'and sees it as anybody else does',
  )
})

async function listedBy(t: Tap, url: string) {
  const database = await Database.open({ databaseUrl: url })
  const sessions = new Sessions(database)
  t.teardown(async () => {
    await sessions[Symbol.asyncDispose]()
    await database.close()
  })
  return await sessions.use((session) => knownTables(session, []))
}

type Tap = Parameters<typeof testDatabase>[0]

t.test('as many statements for many tables as for one', async (t) => {
  const db = await testDatabase(t)
  const rows = await rowsOf(t, db)
  const make = async (name: string): Promise<void> => {
    await db.run(`CREATE TABLE ${name} (id int PRIMARY KEY, name text)`)
    await ingest(file(t, 'id,name\n1,a\n'), { databaseUrl: db.url, table: name, key: ['id'] })
    await aggregate(name, 'name', { databaseUrl: db.url })
  }
  const count = async (tables: number): Promise<number> => {
    const before = statements
    t.equal((await rows.tables()).length, tables)
    return statements - before
  }
  await make('t0')
  const one = await count(1)
  for (const name of ['t1', 't2', 't3']) await make(name)
  t.equal(await count(4), one)
})

t.test('a table that is dropped while they are listed', async (t) => {
  const db = await testDatabase(t)
  await rowsOf(t, db)
  await db.run(
    'CREATE TABLE stays (id int PRIMARY KEY); CREATE TABLE goes (id int PRIMARY KEY); CREATE TABLE bare ()',
  )
  await know(db, 'stays', 'goes', 'bare')
  const database = await Database.open({ databaseUrl: db.url })
  t.teardown(() => database.close())
  await using session = await database.session('test')
  let isDropped = false
  const watched = new Proxy(session, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name !== 'rows') return typeof value === 'function' ? value.bind(target) : value
      return async (...asked: [string, unknown[]]) => {
        const found = await target.rows(...asked)
        if (!isDropped) await db.run('DROP TABLE goes')
        isDropped = true
        return found
      }
    },
  }) as Session
  const tables = await knownTables(watched, [])
  t.ok(isDropped)
  t.match(tables, [
    { table: 'bare', columns: [], key: null },
    { table: 'stays', key: ['id'] },
  ])
  t.equal(tables.length, 2)
})

t.test(
  'a table that others have locked is listed like any other, and so is one of its partitions',
  async (t) => {
    const db = await testDatabase(t)
    const rows = await rowsOf(t, db)
    await db.run(`
    CREATE TABLE parts (id int DEFAULT 1 + 1, PRIMARY KEY (id)) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)`)
    await know(db, 'parts', 'parts_1')
    const before = await rows.tables()
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE parts IN ACCESS EXCLUSIVE MODE')
    t.same(await rows.tables(), before)
    await holder.query('ROLLBACK')
  },
)
