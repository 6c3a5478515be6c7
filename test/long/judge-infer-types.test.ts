import t from 'tap'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables } from '../support/oracle.js'

/** --infer takes the narrowest type that every value of the file fits. */
const COLUMNS: Record<string, readonly [type: string, ...values: (string | null)[]]> = {
  truth: ['boolean', 'true', 'FALSE', null],
  one_zero: ['integer', '1', '0'],
  letters: ['text', 't', 'f'],
  whole: ['integer', '-2147483648', '2147483647', '0', null],
  wide: ['bigint', '2147483648', '1'],
  widest: ['bigint', '-9223372036854775808'],
  beyond: ['numeric', '9223372036854775808', '5'],
  price: ['numeric', '12.50', '-0.5', '3', null],
  leading_zero: ['text', '007', '8'],
  plus: ['text', '+5', '6'],
  minus_zero: ['text', '-0', '1'],
  minus_nothing: ['text', '-0.0', '1.5'],
  exponent: ['text', '1e5'],
  blank: ['text', ' 5'],
  nothing: ['text', null, null],
  empty: ['text', '', '5'],
  day: ['date', '2024-02-29', '0999-12-31'],
  no_day: ['text', '2023-02-29', '2024-01-01'],
  moment: ['timestamp without time zone', '2024-02-29 12:00', '2024-02-29T12:00:00.123456', '2024-01-01'],
  zoned: ['timestamp with time zone', '2024-02-29T12:00:00Z', '2024-02-29 12:00:00+02:00'],
  half_zoned: ['text', '2024-02-29T12:00:00Z', '2024-02-29 12:00:00'],
  no_time: ['text', '2024-02-29 25:00'],
  id: ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '30EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'],
  mixed: ['text', '5', 'true'],
  word: ['text', 'word'],
}

const RECORDS = 4

function csv(): string {
  const names = Object.keys(COLUMNS)
  const quoted = (value: string | null) => (value === null ? '' : `"${value}"`)
  const rows = Array.from({ length: RECORDS }, (_, row) =>
    names.map((name) => quoted(COLUMNS[name]?.[row + 1] ?? null)).join(','),
  )
  return `key,${names.join(',')}\n${rows.map((row, index) => `${index},${row}\n`).join('')}`
}

async function typesOf(db: TestDatabase, table: string): Promise<Record<string, string>> {
  const rows = await db.rows<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`,
  )
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]))
}

t.test('each column gets the narrowest type that all of its values fit', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, csv())
  const expected = Object.fromEntries(Object.entries(COLUMNS).map(([name, [type]]) => [name, type]))
  for (const [index, cut] of [{ workers: 1 }, { workers: 4, rangeSize: 100 }].entries()) {
    const table = `inferred_${index}`
    const options = { databaseUrl: db.url, table, key: 'key', infer: true, ...cut }
    t.match((await ingest(source, options)).rows, { inserted: RECORDS })
    t.same(await typesOf(db, table), { key: 'integer', ...expected })
    t.match((await ingest(source, options)).rows, { unchanged: RECORDS })
  }
  const asText = { databaseUrl: db.url, table: 'plain', key: 'key' }
  await ingest(source, asText)
  const cast = Object.entries(expected).map(([name, type]) => `${name}::${type} AS ${name}`)
  await compareTables(t, db, 'inferred_0', `SELECT key::integer AS key, ${cast.join(', ')} FROM plain`)
  await assertNothingLeft(t, db, { tables: ['inferred_0', 'inferred_1', 'plain'] })
})

t.test('--types goes first; the last value of a large file counts as the first', async (t) => {
  const db = await testDatabase(t)
  const rows = Array.from({ length: 3000 }, (_, id) => `${id},${id},${id},\n`)
  const source = file(t, `id,a,b,c\n${rows.join('')}3000,x,9999999999,true\n`)
  const options = { databaseUrl: db.url, table: 't', key: 'id', infer: true, types: 'id:numeric', workers: 4 }
  await ingest(source, { ...options, rangeSize: 1000 })
  t.same(await typesOf(db, 't'), { id: 'numeric', a: 'text', b: 'bigint', c: 'boolean' })
})

t.test('records that are rejected do not count, and a key never loses how it is written', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'id,n,m\n1.0,1,1\n1.00,2,2\n,x,3\n2,y,bad\n')
  const options = { databaseUrl: db.url, table: 't', key: 'id', infer: true, types: 'm:int', maxRejects: 2 }
  t.match((await ingest(source, options)).rows, { rejected: 2, inserted: 2, duplicates: 0 })
  t.same(await typesOf(db, 't'), { id: 'text', n: 'integer', m: 'integer' })
})
