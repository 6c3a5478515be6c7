import { randomInt } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import type { Rows } from '../../lib/api/rows.js'
import type { Filter, FilterOperator, RowQuery } from '../../lib/contract/row-query.js'
import { refusal, tableOf } from '../rows/open.js'
import { ingest } from '../support/compiled.js'
import type { TestDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { USER_TYPES } from '../support/types.js'

/** Filters, sorts and cursors, compared with plain SQL on random data. */

const seed = Number(process.env.DASY_SEED ?? randomInt(2 ** 31))
t.comment(`DASY_SEED=${seed}`)

/** mulberry32 */
let state = seed
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0
  let x = Math.imul(state ^ (state >>> 15), 1 | state)
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
  return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below)
}
function some<Value>(values: readonly Value[]): Value {
  return values[random(values.length)] as Value
}

/** Columns, and values of them: few, so that many rows are equal in them. */
const COLUMNS: Readonly<Record<string, { type: string; values: readonly string[] }>> = {
  name: { type: 'text', values: ['', 'a', 'A', 'ä', 'a,b', '%', '_x', "o'c", 'long \n text', 'z'] },
  size: { type: 'integer', values: ['-1', '0', '7', '2147483647'] },
  big: { type: 'bigint', values: ['-9223372036854775808', '0', '9007199254740993', '12'] },
  price: { type: 'numeric', values: ['1', '1.0', '1.00', 'NaN', '-3.5', '123456789012345678901234567890.5'] },
  exact: { type: 'numeric(10,2)', values: ['0', '0.01', '-0.01', '99999999.99'] },
  float: { type: 'double precision', values: ['-0', '0', 'NaN', 'Infinity', '-Infinity', '0.1', '5e-324'] },
  flag: { type: 'boolean', values: ['true', 'false'] },
  day: { type: 'date', values: ['2026-01-01', '0044-03-15 BC', 'infinity', '-infinity'] },
  at: {
    type: 'timestamptz',
    values: ['2026-10-25 00:30:00+00', '2026-10-25 01:30:00.000001+00', 'infinity'],
  },
  short: { type: 'varchar(5)', values: ['a', 'ab', 'abcde', ''] },
  fixed: { type: 'char(5)', values: ['a', 'ab', 'abcde', ''] },
  lower: { type: 'citext', values: ['a', 'A', 'b', 'B'] },
  mood: { type: 'mood', values: ['sad', 'it\'s "ok"', 'happy, very'] },
  moody: { type: 'mood_domain', values: ['sad', 'happy, very'] },
  years: { type: 'years', values: ['[1,5)', 'empty', '[2,3)'] },
  list: { type: 'text[]', values: ['{}', '{a,NULL}', '{"a,b"}'] },
  data: { type: 'jsonb', values: ['{"a": 1}', '[]', 'null', '1.00'] },
  id: {
    type: 'uuid',
    values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '00000000-0000-0000-0000-000000000000'],
  },
  bits: { type: 'bit(5)', values: ['10101', '00000'] },
  bytes: { type: 'bytea', values: ['\\x', '\\x00ff5c27'] },
}
const KEYS = ['k/1', 'k,2', 'k 3', 'kä', 'k\n4', '%41', '?#', 'k\'"5', 'k\\6']

/** Each key has a text and a number. */
async function fill(db: TestDatabase, rows: number, nullable: boolean): Promise<void> {
  const names = Object.keys(COLUMNS)
  const lines: string[] = []
  for (let n = 0; n < rows; n++) {
    const values = names.map((name) => {
      const value = some(COLUMNS[name]?.values ?? [])
      return random(5) === 0 ? 'NULL' : pg.escapeLiteral(value)
    })
    const key = nullable && random(4) === 0 ? 'NULL' : pg.escapeLiteral(some(KEYS))
    lines.push(`(${[key, String(n), ...values].join(', ')})`)
  }
  await db.run(`INSERT INTO things VALUES ${lines.join(',\n')}`)
}

function tableSql(key: string, partitioned: boolean): string {
  const columns = Object.entries(COLUMNS).map(([name, { type }]) => `"${name}" ${type}`)
  const table = `CREATE TABLE things (code text, n integer, ${columns.join(', ')}, ${key})`
  const parts = `
    CREATE TABLE things_1 PARTITION OF things FOR VALUES IN (0, 3, 6, 9, 12, 15, 18);
    CREATE TABLE things_2 PARTITION OF things DEFAULT;`
  return `${USER_TYPES}
    ${partitioned ? `${table} PARTITION BY LIST (n); ${parts}` : table}`
}

/** As plain SQL says it. */
const PLAIN: Readonly<Record<string, string>> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' }

function plainType(name: string): string {
  const { type } = COLUMNS[name] ?? { type: name === 'n' ? 'integer' : 'text' }
  const bases: Record<string, string> = {
    mood_domain: 'mood',
    years: 'int4range',
    'varchar(5)': 'varchar',
    'char(5)': 'bpchar',
    'numeric(10,2)': 'numeric',
    'bit(5)': 'varbit',
  }
  return bases[type] ?? type
}

function plain({ column, operator, value }: Filter): string {
  const type = plainType(column)
  const left = `"${column}"${type === 'varbit' ? '' : `::${type}`}`
  if (operator === 'null') return `"${column}" IS ${value === 'true' ? '' : 'NOT '}NULL`
  if (operator === 'like') return `${left} LIKE ${pg.escapeLiteral(value)}`
  const typed = (each: string) => `${pg.escapeLiteral(each)}::${type === 'varbit' ? 'bit(5)' : type}`
  if (operator === 'in') return `${left} IN (${value.split(',').map(typed).join(', ')})`
  return `${left} ${PLAIN[operator]} ${typed(value)}`
}

const TEXTS = ['name', 'short', 'fixed', 'lower', 'code']

function randomFilter(): Filter {
  const column = some([...Object.keys(COLUMNS), 'code', 'n'])
  const values = COLUMNS[column]?.values ?? (column === 'n' ? ['5', '17'] : KEYS)
  const operators = [...Object.keys(PLAIN), 'in', 'null', ...(TEXTS.includes(column) ? ['like', 'like'] : [])]
  const operator = some(operators) as FilterOperator
  if (operator === 'null') return { column, operator, value: some(['true', 'false']) }
  if (operator === 'like') return { column, operator, value: some(['%', 'a%', '%b', '_', '\\%', '%a%']) }
  if (operator !== 'in') return { column, operator, value: some(values) }
  const list = [some(values), some(values)].filter((each) => !each.includes(','))
  return list.length > 0
    ? { column, operator, value: list.join(',') }
    : { column, operator: 'eq', value: some(values) }
}

function randomSort(): string[] {
  const names = new Set(Array.from({ length: random(4) }, () => some([...Object.keys(COLUMNS), 'code', 'n'])))
  return [...names].map((name) => (random(2) === 0 ? name : `-${name}`))
}

async function all(rows: Rows, query: RowQuery): Promise<{ rows: string[]; pages: number }> {
  const found: string[] = []
  for (let cursor: string | undefined, pages = 1; ; pages++) {
    const page = await rows.list('things', { ...query, cursor })
    found.push(...page.rows)
    if (page.cursor === null) return { rows: found, pages }
    cursor = page.cursor
  }
}

/** Values as PostgreSQL writes them. */
const TEXT = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

async function compare(t: Test, db: TestDatabase, rows: Rows, queries: number): Promise<void> {
  const client = await db.client()
  await client.query(`SET TimeZone = 'UTC'; SET bytea_output = 'hex'`)
  let pages = 0
  for (let each = 0; each < queries; each++) {
    const filters = Array.from({ length: random(3) }, randomFilter)
    const sort = randomSort()
    const limit = 1 + random(40)
    const by = sort.map((name) => (name.startsWith('-') ? `"${name.slice(1)}" DESC` : `"${name}"`))
    const direction = sort.at(-1)?.startsWith('-') ? ' DESC' : ''
    const key = ['code', 'n'].filter((name) => !sort.some((one) => one.replace(/^-/, '') === name))
    const order = [...by, ...key.map((name) => name + direction)]
    const where = filters.length > 0 ? `WHERE ${filters.map(plain).join(' AND ')}` : ''
    const text = `SELECT * FROM things ${where} ORDER BY ${order.join(', ')}`
    const expected = await client.query<(string | null)[]>({ text, rowMode: 'array', types: TEXT })
    const query = { filters, sort: sort.join(','), limit }
    const found = await all(rows, query)
    pages += found.pages
    const texts = found.rows.map((row) => Object.values(JSON.parse(row) as object).map(toText))
    const wanted = expected.rows.map((row) => row.map((value, at) => normal(value, at)))
    if (JSON.stringify(texts) !== JSON.stringify(wanted)) {
      t.same(
        texts,
        wanted,
        `query ${each} of seed ${seed}: ${JSON.stringify({ filters, sort, limit, where })}`,
      )
      return
    }
  }
  t.pass(`${queries} queries on ${pages} pages are as plain SQL has them`)
}

function toText(value: unknown): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** As JSON has it: JavaScript writes true for t, 0 for -0, 2 for 2.00 in jsonb. */
function normal(value: string | null, at: number): string | null {
  const name = ['code', 'n', ...Object.keys(COLUMNS)][at] as string
  if (value === null) return null
  if (name === 'flag') return value === 't' ? 'true' : 'false'
  if (name === 'float') return Number.isFinite(Number(value)) ? String(Number(value)) : value
  if (name === 'data') return toText(JSON.parse(value))
  return value
}

t.test('a table with a composite key', async (t) => {
  const { db, rows } = await tableOf(t, tableSql('PRIMARY KEY (code, n)', false))
  await fill(db, 150, false)
  await compare(t, db, rows, 50)
})

t.test('partitions', async (t) => {
  const { db, rows } = await tableOf(t, tableSql('PRIMARY KEY (code, n)', true))
  await fill(db, 100, false)
  await compare(t, db, rows, 20)
})

t.test('what is asked wrongly is an error, and a cursor is of one query', async (t) => {
  const { db, rows } = await tableOf(t, tableSql('PRIMARY KEY (code, n)', false))
  await fill(db, 10, false)
  const refusedBy = async (query: RowQuery) => (await refusal(rows.list('things', query))).code
  const filter = (column: string, operator: string, value: string) => ({
    filters: [{ column, operator: operator as FilterOperator, value }],
  })
  t.equal(await refusedBy(filter('nothing', 'eq', '1')), 'COLUMN_NOT_FOUND')
  t.equal(await refusedBy(filter('name', 'similar', '1')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('name', 'constructor', '1')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('size', 'eq', 'x')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('size', 'like', '1')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('size', 'null', 'maybe')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('mood', 'eq', 'mad')), 'BAD_OPTION')
  t.equal(await refusedBy(filter('name', 'eq', 'a\0')), 'BAD_OPTION')
  t.equal(await refusedBy({ sort: 'nothing' }), 'COLUMN_NOT_FOUND')
  t.equal(await refusedBy({ sort: 'name,-name' }), 'BAD_OPTION')
  t.equal(await refusedBy({ select: 'name,nothing' }), 'COLUMN_NOT_FOUND')
  t.equal(await refusedBy({ limit: 0 }), 'BAD_OPTION')
  t.equal(await refusedBy({ limit: 1001 }), 'BAD_OPTION')
  const { cursor } = await rows.list('things', { limit: 2, sort: 'size' })
  const again = { limit: 2, cursor: cursor as string }
  t.equal((await rows.list('things', { ...again, sort: 'size', select: 'n' })).rows.length, 2)
  t.equal(await refusedBy(again), 'BAD_OPTION', 'of another sort')
  t.equal(await refusedBy({ ...again, sort: 'size', ...filter('n', 'gt', '1') }), 'BAD_OPTION')
  t.equal(await refusedBy({ cursor: 'x' }), 'BAD_OPTION')
  t.equal(await refusedBy({ cursor: Buffer.from('[1]').toString('base64url') }), 'BAD_OPTION')
  t.match((await rows.list('things', { select: 'n,name', limit: 1 })).rows[0], /^\{"n":\d+,"name":.*\}$/)
  await db.run('ALTER TABLE things ADD COLUMN raw json, ADD COLUMN at_point point')
  t.equal(await refusedBy({ sort: 'raw' }), 'BAD_OPTION', 'json has no order')
  t.equal(await refusedBy(filter('raw', 'eq', '{}')), 'BAD_OPTION', 'json has no equality')
  t.equal(await refusedBy({ sort: 'at_point' }), 'BAD_OPTION')
})

t.test('keys with NULL: each row comes once', async (t) => {
  const { db, rows } = await tableOf(t, tableSql('UNIQUE (code, n)', false))
  t.equal((await refusal(rows.list('things'))).code, 'NO_KEY')
  await ingest(file(t, 'code,n\na,1\n'), { table: 'things', key: ['code', 'n'], databaseUrl: db.url })
  await db.run('INSERT INTO things (code, n) SELECT NULL, n / 3 FROM generate_series(1, 50) AS n')
  for (const sort of ['', '-name', 'n']) {
    const found = await all(rows, { sort, limit: 7, select: 'n' })
    const numbers = found.rows.map((row) => (JSON.parse(row) as { n: number }).n).toSorted((a, b) => a - b)
    t.same(
      numbers,
      await db.rows<{ n: number }>('SELECT n FROM things ORDER BY n').then((all) => all.map(({ n }) => n)),
    )
  }
})

t.test('paging is stable while others write', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE TABLE things (id integer PRIMARY KEY, size integer, note text);
     INSERT INTO things SELECT n, n % 7, 'kept' FROM generate_series(1, 700) AS n`,
  )
  let isDone = false
  const writing = (async () => {
    const client = await db.client()
    for (let n = 1; !isDone; n++) {
      await client.query(`INSERT INTO things VALUES ($1, $2, 'new')`, [10_000 + n, random(9)])
      await client.query(`UPDATE things SET note = 'kept' WHERE id = $1`, [1 + random(700)])
      await client.query(`DELETE FROM things WHERE id = $1`, [10_000 + random(n)])
    }
  })()
  for (const sort of ['size', '-size', '']) {
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await rows.list('things', { sort, limit: 37, cursor })
      seen.push(...page.rows.map((row) => (JSON.parse(row) as { id: number }).id))
      cursor = page.cursor ?? undefined
    } while (cursor)
    const kept = seen.filter((id) => id <= 700)
    t.equal(kept.length, 700, `sorted by "${sort}": each row that stays comes once`)
    t.equal(new Set(seen).size, seen.length, 'and none twice')
  }
  isDone = true
  await writing
})
