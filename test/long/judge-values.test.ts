import pg from 'pg'
import t, { type Test } from 'tap'
import { ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables } from '../support/oracle.js'

/** Columns of every kind, each with texts that may or may not fit: PostgreSQL is asked, not we. */
const COLUMNS: Record<string, { readonly type: string; readonly texts: readonly string[] }> = {
  small: { type: 'smallint', texts: ['7', ' 8 ', '40000', '1.5', '', '0x1F'] },
  whole: { type: 'integer', texts: ['-1', '2147483648', 'seven', '1e3', '+5', '007'] },
  large: { type: 'bigint', texts: ['9223372036854775807', '9223372036854775808'] },
  price: { type: 'numeric(6,2)', texts: ['12.345', '9999.99', '10000', '12,50', 'NaN', 'Infinity', '.5'] },
  any_number: { type: 'numeric', texts: ['1.10', '1e400', '1.1.1', '-'] },
  real_number: { type: 'real', texts: ['1.5', '1e50', 'nan'] },
  flag: { type: 'boolean', texts: ['t', 'yes', 'OFF', '1', '2', 'wahr', 'TRUE'] },
  day: {
    type: 'date',
    texts: ['2024-02-29', '2023-02-29', '20240131', '31/31/2024', 'infinity', '0000-01-01'],
  },
  moment: {
    type: 'timestamptz',
    texts: ['2024-01-31 12:00+02', '2024-01-31T12:00:00Z', '25:00', 'yesterdaz'],
  },
  clock: { type: 'timestamp(0)', texts: ['2024-01-31 12:00:00.6', '2024-13-01'] },
  lasting: { type: 'interval', texts: ['1 day', '24:00:00', 'long'] },
  id: { type: 'uuid', texts: ['A0EEBC999C0B4EF8BB6D6BB9BD380A11', 'a0eebc99-9c0b'] },
  document: { type: 'jsonb', texts: ['{"a": [1, 2]}', '{a: 1}', '"text"', '[1', 'null', '{"a":1,"a":2}'] },
  exact: { type: 'json', texts: ['{"a":1, "a":2}', '{'] },
  numbers: { type: 'integer[]', texts: ['{1,2,NULL}', '{1,two}', '{1', '[0:1]={5,6}', '{}'] },
  short_texts: { type: 'varchar(3)[]', texts: ['{abc,de}', '{abcd}', '{"ab  "}'] },
  short: { type: 'varchar(3)', texts: ['abc', 'abcd', 'ab  ', 'äöü', 'äöüß', ''] },
  fixed: { type: 'char(3)', texts: ['a', 'abc', 'abcd', 'abc   '] },
  bits: { type: 'bit(3)', texts: ['101', '10', '1011', '12'] },
  some_bits: { type: 'varbit(3)', texts: ['1', '1011'] },
  mood: { type: 'mood', texts: ['fine', 'Fine', 'sad ', ''] },
  moods: { type: 'mood[]', texts: ['{fine,sad}', '{fine,glad}'] },
  positive: { type: 'positive', texts: ['5', '-5', '0', 'five'] },
  code: { type: 'code', texts: ['ABC', 'abc', 'ABCDE'] },
  required: { type: 'given', texts: ['here', ''] },
  network: { type: 'inet', texts: ['10.0.0.1/8', '10.0.0.256'] },
  span: { type: 'int4range', texts: ['[1,5)', '[5,1]', 'empty'] },
  point: { type: 'point', texts: ['(1,2)', '1,2', '(1,'] },
  bytes: { type: 'bytea', texts: ['\\xDEAD', '\\xZZ', 'text\\', 'plain'] },
  pair: { type: 'pair', texts: ['(1,a)', '(x,a)', '(1)'] },
  plain: { type: 'text', texts: ['anything', '5', "it's \\ $$"] },
}

const TYPES = `
  CREATE TYPE mood AS ENUM ('fine', 'sad');
  CREATE TYPE pair AS (number integer, word text);
  CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
  CREATE DOMAIN code AS varchar(4) CHECK (VALUE = upper(VALUE));
  CREATE DOMAIN given AS text NOT NULL;`

const NAMES = ['key', ...Object.keys(COLUMNS)]

interface Line {
  readonly line: number
  readonly fields: readonly (string | null)[]
}

/** A record for each text, all else NULL; then those with two faults, none, and a key that repeats. */
function records(): Line[] {
  const lines: Line[] = []
  const add = (given: Record<string, string | null>, key = `k${lines.length}`): void => {
    const fields = NAMES.map((name) =>
      name === 'key' ? key : (given[name] ?? (name === 'required' ? 'x' : null)),
    )
    lines.push({ line: lines.length + 2, fields })
  }
  for (const [name, { texts }] of Object.entries(COLUMNS)) for (const text of texts) add({ [name]: text })
  add({})
  add({ price: 'x', whole: 'y' })
  add({ whole: '1' }, 'again')
  add({ whole: 'bad, and it would have won' }, 'again')
  const last = lines.at(-1) as Line
  lines.push({ line: last.line + 1, fields: NAMES.map((name) => (name === 'key' ? 'no required' : null)) })
  return lines
}

function toCsv(lines: readonly Line[]): string {
  const quoted = (field: string | null) => (field === null ? '' : `"${field.replaceAll('"', '""')}"`)
  return [NAMES, ...lines.map(({ fields }) => fields)]
    .map((fields) => `${fields.map(quoted).join(',')}\n`)
    .join('')
}

function createTable(name: string): string {
  const columns = Object.entries(COLUMNS).map(([column, { type }]) => `${column} ${type}`)
  return `CREATE TABLE ${name} (key text PRIMARY KEY, ${columns.join(', ')})`
}

/** What PostgreSQL says of each record, one INSERT after the other. @returns the refused ones with its reason */
async function insertEach(db: TestDatabase, table: string, lines: readonly Line[]) {
  const refused: { line: number; message: string }[] = []
  const names = NAMES.map((name) => pg.escapeIdentifier(name)).join(', ')
  for (const { line, fields } of lines) {
    const values = fields.map((field) => (field === null ? 'NULL' : pg.escapeLiteral(field))).join(', ')
    const set = NAMES.slice(1).map((name) => `${name} = excluded.${name}`)
    const text = `INSERT INTO ${table} (${names}) VALUES (${values}) ON CONFLICT (key) DO UPDATE SET ${set.join(', ')}`
    await db.run(text).catch((error: Error) => refused.push({ line, message: error.message }))
  }
  return refused
}

async function assertRejected(t: Test, db: TestDatabase, refused: { line: number; message: string }[]) {
  const rejects = await newestRejects(db)
  t.same(
    rejects.map(({ line }) => line),
    refused.map(({ line }) => line),
    'the same lines are rejected',
  )
  for (const [index, { line, message }] of refused.entries()) {
    const reason = rejects[index]?.reason ?? ''
    t.match(reason, /^column "\w+": /, `line ${line} names its column`)
    t.ok(reason.includes(message), `line ${line}: ${message}`, { reason })
  }
}

const CUTS = [{ workers: 1 }, { workers: 4, rangeSize: 200 }]

t.test('each value of each type is what INSERT makes of it, or rejected for its reason', async (t) => {
  const db = await testDatabase(t)
  const lines = records()
  await db.run(`CREATE SCHEMA oracle; ${TYPES}; ${createTable('oracle.expected')}`)
  const refused = await insertEach(db, 'oracle.expected', lines)
  t.ok(refused.length > 30, `${refused.length} of ${lines.length} records are bad`)
  const source = file(t, toCsv(lines))
  for (const [index, cut] of CUTS.entries()) {
    const table = `typed_${index}`
    await db.run(createTable(table))
    const options = { databaseUrl: db.url, table, key: 'key', maxRejects: refused.length, ...cut }
    const { rows } = await ingest(source, options)
    t.match(rows, { read: lines.length, rejected: refused.length, duplicates: 0 })
    await assertRejected(t, db, refused)
    // Not every type has an equality; as text all have.
    const asText = (from: string) =>
      `SELECT ${NAMES.map((name) => `${name}::text AS ${name}`).join(', ')} FROM ${from}`
    await compareTables(t, db, `(${asText(table)}) AS held`, asText('oracle.expected'))

    const again = await update(source, options)
    t.match(again.rows, { inserted: 0, updated: 0, unchanged: rows.inserted }, 'again, nothing changes')
    const few = await failure(t, update(source, { ...options, maxRejects: 3 }))
    t.match(few, { code: 'TOO_MANY_REJECTS', exitStatus: 3, details: { rejected: refused.length } })
  }
  await assertNothingLeft(t, db, { tables: ['typed_0', 'typed_1'], stopped: 2 })
})

t.test('a column that takes no NULL is told when the file brings one', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE TABLE stocks (sku text PRIMARY KEY, "In stock" integer NOT NULL)')
  const source = file(t, 'sku,in_stock\na,1\nb,\nc,x\nd,4\n')
  const options = { databaseUrl: db.url, table: 'stocks' }
  t.match((await ingest(source, { ...options, maxRejects: 2 })).rows, { rejected: 2, inserted: 2 })
  t.match(await newestRejects(db), [
    {
      line: 3,
      reason:
        'column "In stock": null value in column "In stock" of relation "stocks" violates not-null constraint',
    },
    { line: 4, reason: 'column "In stock": invalid input syntax for type integer: "x"' },
  ])
})

t.test('a typed key: what is no key is rejected, and another spelling is the same key', async (t) => {
  const db = await testDatabase(t)
  const keys: Record<string, { rows: readonly string[]; distinct: number; bad: number }> = {
    integer: { rows: ['1', '01', '+1', 'x', '', '2'], distinct: 2, bad: 2 },
    numeric: { rows: ['1.0', '1', '1.00', '2', 'two'], distinct: 2, bad: 1 },
    date: { rows: ['2024-01-31', '20240131', '2024-02-30'], distinct: 1, bad: 1 },
    uuid: {
      rows: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC999C0B4EF8BB6D6BB9BD380A11', 'a0'],
      distinct: 1,
      bad: 1,
    },
    'char(4)': { rows: ['ab', 'ab  ', 'abcde'], distinct: 1, bad: 1 },
    interval: { rows: ['1 day', '24:00:00', '2 days'], distinct: 2, bad: 0 },
    'bit(2)': { rows: ['01', '10', '1'], distinct: 2, bad: 1 },
  }
  for (const [index, [type, { rows, distinct, bad }]] of Object.entries(keys).entries()) {
    const table = `keyed_${index}`
    await db.run(`CREATE TABLE ${table} (k ${type} PRIMARY KEY, line text)`)
    const source = file(t, `k,line\n${rows.map((row, at) => `${row},${at + 2}\n`).join('')}`)
    const receipt = await ingest(source, {
      databaseUrl: db.url,
      table,
      key: 'k',
      maxRejects: bad,
      workers: 2,
      rangeSize: 20,
    })
    const expected = { rejected: bad, inserted: distinct, duplicates: rows.length - bad - distinct }
    t.match(receipt.rows, expected, `${type}: ${rows.join(' | ')}`)
  }
})

t.test('two sessions that share the keys find equal ones however they are written', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    'CREATE TABLE numbered (n numeric PRIMARY KEY, spelled text); CREATE TABLE flagged (n bit(17) PRIMARY KEY)',
  )
  const half = 26_000
  const rows = Array.from({ length: half }, (_, n) => `${n},first\n${n}.00,second\n`)
  const options = { databaseUrl: db.url, key: 'n', workers: 2 }
  const numbered = await ingest(file(t, `n,spelled\n${rows.join('')}`), { ...options, table: 'numbered' })
  t.match(numbered.rows, { read: 2 * half, duplicates: half, inserted: half })
  t.equal(await db.value("SELECT count(*) FROM numbered WHERE spelled = 'second'"), half)
  // A type without a hash.
  const bits = Array.from({ length: 2 * half }, (_, n) => `${(n % half).toString(2).padStart(17, '0')}\n`)
  const flagged = await ingest(file(t, `n\n${bits.join('')}`), { ...options, table: 'flagged' })
  t.match(flagged.rows, { read: 2 * half, duplicates: half, inserted: half })
})
