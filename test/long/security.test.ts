import t, { type Test } from 'tap'
import { aggregate, DasyError, ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** Names that want to be SQL, templates, properties of an object, or what the merge calls its own columns. */

const NAMES = [
  '"; drop table canary; --',
  "'; drop table canary; --",
  'a"b',
  '""',
  "'",
  '\\',
  '$1',
  '$$',
  '{run}',
  '{target}',
  '%I',
  'a.b',
  'a;b',
  'a\nb',
  'select',
  'position',
  'class',
  'winner',
  'count',
  'c1',
  'c2',
  'c',
  'k1',
  'n',
  'r',
  's',
  't',
  'old',
  'new_rows',
  'name',
  '__proto__',
  'constructor',
  'toString',
  '\u001b[2J',
]

/** For what needs a table each. */
const FEW = [
  '"; drop table canary; --',
  "'; drop table canary; --",
  '\\',
  '$1',
  '{run}',
  'a.b',
  'a\nb',
  't',
  '__proto__',
]

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
const record = (...fields: string[]) => `${fields.map(quote).join(',')}\n`

/** A database with something to lose. */
async function database(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE canary (sings text PRIMARY KEY); INSERT INTO canary VALUES ('still')`)
  return db
}

/** That the tables of these names, and the canary, are all there is outside the schema dasy. */
async function holdsOnly(t: Test, db: TestDatabase, tables: string[], message: string): Promise<void> {
  const found = await db.rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class AS c
      WHERE c.relkind NOT IN ('i', 't', 'c')
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'dasy'::regnamespace)`,
  )
  t.same(found.map(({ name }) => name).sort(), ['canary', ...tables].sort(), `${message}: no other table`)
  t.same(await db.rows('TABLE canary'), [{ sings: 'still' }], `${message}: the canary sings`)
}

/** Not as objects: a column may be called __proto__. */
async function contents(db: TestDatabase, table: string): Promise<{ columns: string[]; rows: unknown[][] }> {
  const client = await db.client()
  const { fields, rows } = await client.query({
    text: `SELECT * FROM ${quote(table)} ORDER BY 1`,
    rowMode: 'array',
  })
  await client.end()
  return { columns: fields.map(({ name }) => name), rows: rows as unknown[][] }
}

t.test('columns may have any name, and stay columns', async (t) => {
  const db = await database(t)
  const first = NAMES.map((_, index) => `one ${index}`)
  const second = NAMES.map((_, index) => `two ${index}`)
  const options = { databaseUrl: db.url, table: 'things', key: 'sku', workers: 1 }
  const header = record('sku', ...NAMES)
  await ingest(file(t, header + record('a', ...second) + record('a', ...first)), options)
  t.same(await contents(db, 'things'), { columns: ['sku', ...NAMES], rows: [['a', ...first]] })
  const receipt = await ingest(file(t, header + record('a', ...second) + record('b', ...first)), options)
  t.match(receipt.rows, { updated: 1, inserted: 1 })
  t.same((await contents(db, 'things')).rows, [
    ['a', ...second],
    ['b', ...first],
  ])
  await holdsOnly(t, db, ['things'], 'two loads')
})

t.test('any columns may be the key', async (t) => {
  const db = await database(t)
  // Several at a time, because an index takes no more than 32, and because it is faster.
  const keys = [NAMES.slice(0, 17), NAMES.slice(17)]
  for (const [index, key] of keys.entries()) {
    const options = { databaseUrl: db.url, table: `by_${index}`, key, maxRejects: 1, workers: 1 }
    const [a, b] = ['a', 'b'].map((letter) => key.map((_, column) => `${letter} ${column}`)) as [
      string[],
      string[],
    ]
    const header = record(...key, 'value')
    const incomplete = ['', ...a.slice(1)]
    const rows = record(...a, '1') + record(...incomplete, '2') + record(...a, '3')
    const made = await ingest(file(t, header + rows), options)
    t.match(made.rows, { read: 3, rejected: 1, duplicates: 1, inserted: 1 }, `by ${key}`)
    const changed = await ingest(file(t, header + record(...a, '4') + record(...b, '5')), options)
    t.match(changed.rows, { updated: 1, inserted: 1 }, `by ${key}, again`)
    const expected = [
      [...a, '4'],
      [...b, '5'],
    ]
    t.same((await contents(db, `by_${index}`)).rows, expected, `by ${key}: the table`)
  }
  await holdsOnly(t, db, ['by_0', 'by_1'], 'both')
})

t.test('columns that PostgreSQL keeps for itself are refused', async (t) => {
  const db = await database(t)
  for (const name of ['ctid', 'xmin', 'tableoid']) {
    const error = await failure(t, ingest(file(t, record('sku', name)), { databaseUrl: db.url }))
    t.equal(error.code, 'BAD_HEADER', name)
  }
})

t.test('tables may have any name, and nothing else happens', async (t) => {
  const db = await database(t)
  const made: string[] = []
  for (const name of FEW) {
    const options = { databaseUrl: db.url, table: quote(name), workers: 1 }
    for (const value of ['1', '2']) {
      await ingest(file(t, record('sku', 'value') + record('a', value)), options)
      t.same((await contents(db, name)).rows, [['a', value]], `the table ${name}`)
    }
    made.push(name)
  }
  await holdsOnly(t, db, made, 'all of them')
})

t.test('a table name is one name, or two, or a mistake', async (t) => {
  const db = await database(t)
  const source = file(t, 'sku,value\na,1\n')
  const names: [string, string][] = [
    ['x; drop table canary; --', 'x; drop table canary; --'],
    ["x'y", "x'y"],
    ['"x.y"', 'x.y'],
    ['public."x""y"', 'x"y'],
    ['"public".xy', 'xy'],
  ]
  for (const [table, name] of names) {
    await ingest(source, { databaseUrl: db.url, table })
    t.same((await contents(db, name)).rows, [['a', '1']], table)
  }
  const mistakes = [
    ['x"; drop table canary; --', 'BAD_OPTION'],
    ['"x', 'BAD_OPTION'],
    ['"x"y"', 'BAD_OPTION'],
    ['""', 'BAD_OPTION'],
    ['', 'BAD_OPTION'],
    ['.', 'BAD_OPTION'],
    ['dasy.runs', 'BAD_OPTION'],
    ['"dasy"."runs"', 'BAD_OPTION'],
    ['dasy_queue.jobs', 'BAD_OPTION'],
    ['pg_catalog.x', /./],
    ['pg_toast.x', /./],
    ['pg_temp.x', /./],
    ['information_schema.tables', /./],
  ] as const
  for (const [table, code] of mistakes) {
    const error = await failure(t, ingest(source, { databaseUrl: db.url, table }))
    t.match(error, { code }, table)
    t.not(error.code, 'INTERNAL', `${table}: no fault of dasy`)
  }
  await holdsOnly(
    t,
    db,
    names.map(([, name]) => name),
    'all of them',
  )
})

t.test('an aggregate may be of any table and column, and have any name', async (t) => {
  const db = await database(t)
  const made: string[] = []
  for (const [index, name] of FEW.entries()) {
    const other = FEW[(index + 1) % FEW.length] as string
    const into = `agg ${name}`
    const table = quote(name)
    const options = { databaseUrl: db.url, table, workers: 1 }
    await ingest(file(t, record('sku', other) + record('a', 'x') + record('b', 'y')), options)
    await aggregate(table, other, { databaseUrl: db.url, into: quote(into) })
    const receipt = await ingest(file(t, record('sku', other) + record('b', 'x')), options)
    t.match(receipt.rows, { updated: 1 })
    const expected = { columns: [other, `no_of_${name}`], rows: [['x', '2']] }
    t.same(await contents(db, into).then(asText), expected, `${into} of ${other}`)
    await db.run(`DELETE FROM ${table} WHERE sku = 'a'`)
    t.same((await contents(db, into).then(asText)).rows, [['x', '1']], `${into} after a DELETE`)
    made.push(name, into)
  }
  await holdsOnly(t, db, made, 'all of them')
  await aggregate(quote(FEW[0] as string), FEW[1] as string, { databaseUrl: db.url, drop: true })
  await holdsOnly(
    t,
    db,
    made.filter((name) => name !== `agg ${FEW[0]}`),
    'one is dropped',
  )
})

function asText({ columns, rows }: { columns: string[]; rows: unknown[][] }) {
  return { columns, rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))) }
}

t.test('a name with a NUL is a mistake', async (t) => {
  const db = await database(t)
  const source = file(t, 'sku\na\n')
  for (const options of [{ table: 'a\0b' }, { key: 'sku\0' }]) {
    const error = await ingest(source, { databaseUrl: db.url, ...options }).catch((reason) => reason)
    t.ok(error instanceof DasyError && error.code !== 'INTERNAL', 'and said to be one', { found: error })
  }
})
