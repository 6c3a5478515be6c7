import t, { type Test } from 'tap'
import {
  aggregate,
  ingest,
  migrateDown,
  migrateStatus,
  migrateUp,
  resume,
  showRuns,
  update,
  writeRejects,
} from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'

/** Where a load goes, and what is in the way before it begins. */

const things = (t: Test): string => file(t, 'sku,name\na,one\nb,two\n')

t.test('a load makes the schema of its table, with the table or not at all', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  t.match(await failure(t, update(things(t), { ...options, table: 'shop.a' })), { code: 'TABLE_NOT_FOUND' })
  const bad = file(t, 'sku,name\n"a,one\n')
  t.match(await failure(t, ingest(bad, { ...options, table: 'shop.a' })), { code: 'TOO_MANY_REJECTS' })
  const there = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('shop', 'My Shop')"
  t.equal(await db.value(there), 0, 'neither makes it')

  const notes: string[] = []
  const tables = ['a', 'b', 'c'].map((name) => `shop.${name}`)
  await Promise.all(tables.map((table) => ingest(things(t), { ...options, table, onEvent: into(notes) })))
  for (const table of tables) t.equal(await db.value(`SELECT count(*) FROM ${table}`), 2, table)
  t.match(notes.join('\n'), /no schema "shop"; it is made/)
  await ingest(things(t), { ...options, table: '"My Shop".products' })
  t.equal(await db.value('SELECT count(*) FROM "My Shop".products_agg'), 2)
  t.match(await failure(t, ingest(things(t), { ...options, table: 'pg_shop.a' })), {
    code: 'SCHEMA_NOT_FOUND',
    hint: /pg_/,
  })
})

t.test(
  'who may not make a schema or a table is told before anything is read, and how to get there',
  async (t) => {
    const db = await testDatabase(t)
    const role = await db.role()
    await migrateUp({ databaseUrl: db.url })
    await db.run(`
    GRANT USAGE ON SCHEMA dasy TO ${role.name};
    GRANT ALL ON ALL TABLES IN SCHEMA dasy TO ${role.name};
    CREATE SCHEMA closed;
    GRANT USAGE ON SCHEMA closed TO ${role.name}`)
    const options = { databaseUrl: role.url }
    const missing = await failure(t, ingest(things(t), { ...options, table: 'shop.a' }))
    const create = `CREATE SCHEMA "shop" AUTHORIZATION "${role.name}"`
    t.match(missing, { code: 'SCHEMA_NOT_FOUND' })
    t.match(missing.hint, create)
    const closed = await failure(t, ingest(things(t), { ...options, table: 'closed.a' }))
    t.match(closed, { code: 'PERMISSION_DENIED' })
    t.match(closed.hint, `GRANT CREATE ON SCHEMA "closed" TO "${role.name}"`)
    await db.run(`ALTER ROLE ${role.name} SET search_path = nowhere`)
    const lost = await failure(t, ingest(things(t), { ...options, table: 'a' }))
    t.match(lost, { code: 'SCHEMA_NOT_FOUND', hint: /--table public/ })
    t.equal(await db.value('SELECT count(*) FROM dasy.runs'), 0, 'no run has begun')
    await db.run(create)
    t.ok(
      await db.value("SELECT has_schema_privilege($1, 'shop', 'CREATE')", [role.name]),
      'the statement works',
    )
  },
)

t.test('what has the name of a table and is none', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE base (sku text PRIMARY KEY, name text);
    CREATE VIEW a_view AS TABLE base;
    CREATE MATERIALIZED VIEW a_matview AS TABLE base;
    CREATE SEQUENCE a_sequence;
    CREATE TYPE a_type AS (sku text);
    CREATE FOREIGN DATA WRAPPER nothing;
    CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
    CREATE FOREIGN TABLE a_foreign (sku text, name text) SERVER elsewhere;
    CREATE TABLE parts (sku text PRIMARY KEY, name text) PARTITION BY HASH (sku);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0)`)
  const kinds: [string, RegExp, RegExp][] = [
    ['a_view', /a view/, /table that the view reads/],
    ['a_matview', /a materialized view/, /REFRESH/],
    ['a_sequence', /a sequence/, /--table/],
    ['a_type', /a composite type/, /--table/],
    ['a_foreign', /a foreign table/, /server/],
    ['base_pkey', /an index/, /--table/],
    ['parts_pkey', /an index/, /--table/],
  ]
  for (const [table, what, hint] of kinds) {
    for (const load of [ingest, update]) {
      const error = await failure(t, load(things(t), { databaseUrl: db.url, table }))
      t.match(error, { code: 'NOT_A_TABLE', message: what, hint }, table)
    }
  }
  t.match((await ingest(things(t), { databaseUrl: db.url, table: 'parts' })).rows, { inserted: 2 })
})

t.test(
  'files of 1,599 columns are loaded, again and again; more are refused before there is a run',
  async (t) => {
    const db = await testDatabase(t)
    const wide = (columns: number, rows: (row: number, column: number) => string): string => {
      const numbers = Array.from({ length: columns - 1 }, (_, index) => index + 2)
      const lines = [1, 2, 3].map((row) => [row, ...numbers.map((column) => rows(row, column))].join())
      return file(t, `sku,${numbers.map((column) => `x${column}`).join()}\n${lines.join('\n')}\n`)
    }
    for (const columns of [1598, 1599]) {
      const options = { databaseUrl: db.url, table: `wide_${columns}` }
      const first = wide(columns, (row, column) => (column % 3 === 0 ? `${row}` : ''))
      t.match((await ingest(first, options)).rows, { inserted: 3 })
      if (columns === 1599) await aggregate(options.table, 'x1599', { databaseUrl: db.url })
      // Only the last one changes, of one row.
      const second = wide(columns, (row, column) =>
        column === columns && row === 2 ? 'z' : column % 3 === 0 ? `${row}` : '',
      )
      t.match((await update(second, options)).rows, { updated: 1, unchanged: 2 })
      t.equal(
        await db.value(`SELECT string_agg(x${columns}, '' ORDER BY sku) FROM ${options.table}`),
        columns === 1599 ? '1z3' : 'z',
      )
    }
    t.equal(await db.value('SELECT no_of_wide_1599 FROM wide_1599_agg_x1599 WHERE x1599 = $1', ['z']), 1)
    const runs = await db.value('SELECT count(*) FROM dasy.runs')
    for (const columns of [1600, 1601, 2000]) {
      const error = await failure(
        t,
        ingest(
          wide(columns, () => ''),
          { databaseUrl: db.url, table: 'wider' },
        ),
      )
      t.match(error, { code: 'TOO_MANY_COLUMNS', exitStatus: 1 }, `${columns} columns`)
    }
    const added = file(t, 'sku,more,and more\n1,a,b\n')
    const error = await failure(t, ingest(added, { databaseUrl: db.url, table: 'wide_1599' }))
    t.match(error, { code: 'TOO_MANY_COLUMNS', message: /1601/ }, 'a table that would be widened')
    t.equal(await db.value('SELECT count(*) FROM dasy.runs'), runs, 'no run has begun')
  },
)

t.test('the key of a new table finds a name that is free', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, table: 'stock' }
  await ingest(things(t), options)
  // A swap by rename: the index keeps its name.
  await db.run('ALTER TABLE stock RENAME TO stock_old')
  t.match((await ingest(things(t), options)).rows, { inserted: 2 })
  t.match((await ingest(things(t), options)).rows, { unchanged: 2 })
  const long = 'x'.repeat(63)
  await ingest(things(t), { ...options, table: long })
  await db.run(`ALTER TABLE ${long} RENAME TO short`)
  t.match((await ingest(things(t), { ...options, table: long })).rows, { inserted: 2 })
  await assertNothingLeft(t, db, { tables: ['stock', 'stock_old', 'short', long] })
})

t.test('options that a function does not have, or that are for another, are refused by name', async (t) => {
  const databaseUrl = 'postgresql://nobody@localhost:1/nothing'
  const untyped = { databaseUrl, tabel: 'goods', table: 'goods', key: 'sku' } as object
  const wrong: [string, () => Promise<unknown>][] = [
    ['existingOnly', () => ingest('x.csv', { databaseUrl, existingOnly: true } as object)],
    ['addColumns', () => update('x.csv', { databaseUrl, addColumns: true } as object)],
    ['types', () => update('x.csv', { databaseUrl, types: 'a:int' } as object)],
    ['infer', () => update('x.csv', { databaseUrl, infer: true } as object)],
    ['tabel', () => ingest('x.csv', untyped)],
    ['tabel', () => resume(1, untyped)],
    ['tabel', () => aggregate('goods', 'name', untyped)],
  ]
  for (const [option, call] of wrong) {
    const error = await failure(t, call())
    t.match(error, { code: 'BAD_OPTION', exitStatus: 2, details: { option } })
    t.match(error.message, option)
  }
  const off = ingest('missing.csv', { databaseUrl, existingOnly: false } as object)
  t.match(await failure(t, off), { code: 'FILE_NOT_FOUND' }, 'what is switched off asks for nothing')
})

t.test('commands that read bring the schema up to date, but make none', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  t.same(await showRuns(options, undefined, undefined), [])
  t.match(
    await failure(
      t,
      writeRejects(1, options, async () => {}),
    ),
    { code: 'RUN_NOT_FOUND' },
  )
  t.match(await failure(t, resume(1, options)), { code: 'RUN_NOT_FOUND' })
  t.equal(await db.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'dasy'"), 0)
})

t.test('a migration that was applied in another form is one clear error', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(things(t), options)
  await db.run(`UPDATE dasy.migrations SET checksum = 'another' WHERE number = 2`)
  for (const call of [
    () => ingest(things(t), options),
    () => showRuns(options, undefined, undefined),
    () => migrateUp(options),
    () => migrateStatus(options),
  ]) {
    t.match(await failure(t, call()), { code: 'MIGRATION_CHANGED', message: /migration 2 \(tables\)/ })
  }
  await migrateDown(options)
  await migrateUp(options)
})
