import t from 'tap'
import { refusal, rowsOf, tableOf } from '../rows/open.js'
import { changesOf } from '../support/change-set.js'
import { undo } from '../support/compiled.js'
import { TYPES as ALL, USER_TYPES } from '../support/types.js'

/** Values of every type are read as PostgreSQL writes them, and written back as they were. */

/** What JSON itself does not keep: null of JSON is NULL, and blanks around a value are none of it. */
const LOST = ["'null'", "' 1.0'"]
const TYPES = ALL.map(([type, values]) => {
  const isJson = type === 'json' || type === 'jsonb'
  return [type, values.filter((value) => !(isJson && LOST.includes(value)))] as const
})

const NAMES = TYPES.map((_, index) => `c${index}`)
const OWN = ['boolean', 'smallint', 'integer', 'real', 'double precision']

t.test('every type comes back exactly, by insert, put, patch and undo', async (t) => {
  const columns = TYPES.map(([type], index) => `c${index} ${type}`)
  const { db, rows } = await tableOf(t, `${USER_TYPES} CREATE TABLE things (id integer PRIMARY KEY)`)
  await db.run(columns.map((column) => `ALTER TABLE things ADD COLUMN ${column}`).join(';'))
  const most = Math.max(...TYPES.map(([, values]) => values.length))
  for (let n = 0; n < most; n++) {
    const values = TYPES.map(([type, all]) => `(${all[n % all.length]})::${type}`)
    await db.run(`INSERT INTO things VALUES (${n}, ${values.join(', ')})`)
  }
  const client = await db.client()
  await client.query(`SET TimeZone = 'UTC'; SET search_path = pg_catalog; SET lc_monetary = 'C'`)
  const texts = async (id: number) => {
    const text = `SELECT ${NAMES.map((name) => `format('%s', ${name}) AS ${name}`).join(', ')} FROM public.things WHERE id = $1`
    return (await client.query(text, [id])).rows[0] as Record<string, string>
  }
  for (let n = 0; n < most; n++) {
    const { row } = await rows.get('things', [`${n}`])
    const read = JSON.parse(row) as Record<string, unknown>
    const expected = await texts(n)
    for (const [index, [type]] of TYPES.entries()) {
      const value = read[`c${index}`]
      const text = expected[`c${index}`] as string
      if (type === 'json' || type === 'jsonb') t.same(value, JSON.parse(text), type)
      else if (type === 'boolean') t.equal(value, text === 't', type)
      else if (OWN.includes(type) && Number.isFinite(Number(text))) t.equal(value, Number(text), type)
      else t.equal(value, text, type)
    }
    const copy = row.replace(`"id":${n},`, '')
    const made = await rows.put('things', [`${100 + n}`], copy)
    t.equal(made.row, row.replace(`"id":${n},`, `"id":${100 + n},`), `row ${n} is put as it was read`)
    t.same(await texts(100 + n), await texts(n))
    const other = await rows.get('things', [`${(n + 1) % most}`])
    const patched = await rows.patch('things', [`${100 + n}`], other.row.replace(/"id":\d+,/, ''))
    if (patched.run === null || n % 2 === 1) continue
    t.equal(patched.row, other.row.replace(/"id":\d+,/, `"id":${100 + n},`))
    t.equal((await changesOf(db, patched.run)).length, 1)
    await undo(patched.run, { databaseUrl: db.url })
    t.equal((await rows.get('things', [`${100 + n}`])).row, made.row, 'undo restores it')
  }
})

t.test('numbers pass unrounded', async (t) => {
  const { db, rows } = await tableOf(
    t,
    'CREATE TABLE things (id bigint PRIMARY KEY, n numeric, f float8, j json)',
  )
  const body =
    '{"id":9007199254740993,"n":1.00000000000000000000001,"f":0.1,"j":{"a": 12345678901234567890, "b":1.0}}'
  const { rows: written } = await rows.insert('things', body)
  t.equal(
    written[0],
    '{"id":"9007199254740993","n":"1.00000000000000000000001","f":0.1,"j":{"a": 12345678901234567890, "b":1.0}}',
  )
  t.equal(await db.value('SELECT id::text FROM things'), '9007199254740993')
  await rows.insert('things', '{"id":"1","f":"NaN","j":null}')
  t.equal((await rows.get('things', ['1'])).row, '{"id":"1","n":null,"f":"NaN","j":null}')
})

t.test('a refused value is said with its column, its row and the reason of PostgreSQL', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE DOMAIN positive AS integer CHECK (value > 0);
     CREATE TABLE other (id integer PRIMARY KEY);
     CREATE TABLE things (id integer PRIMARY KEY, short varchar(3), day date, size positive, must text NOT NULL DEFAULT 'x',
       parent integer REFERENCES other, other integer UNIQUE, computed integer GENERATED ALWAYS AS (id + 1) STORED,
       always integer GENERATED ALWAYS AS IDENTITY, CHECK (id <> 13))`,
  )
  const refused = async (body: unknown) => await refusal(rows.insert('things', JSON.stringify(body)))
  const cases: readonly (readonly [unknown, string, string | undefined, number | undefined, RegExp])[] = [
    [{ id: 'x' }, 'ROW_REFUSED', 'id', undefined, /invalid input syntax for type integer: "x"/],
    [[{ id: 1 }, { id: 2 }, { id: 3, day: '2026-02-30' }], 'ROW_REFUSED', 'day', 2, /out of range/],
    [
      { id: 1, short: 'abcd' },
      'ROW_REFUSED',
      undefined,
      undefined,
      /too long for type character varying\(3\)/,
    ],
    [{ id: 1, size: -1 }, 'ROW_REFUSED', 'size', undefined, /positive_check/],
    [{ id: 1, must: null }, 'ROW_REFUSED', 'must', undefined, /null value in column "must"/],
    [{ id: 13 }, 'ROW_REFUSED', undefined, undefined, /things_check|things_id_check/],
    [{ id: 1, parent: 7 }, 'ROW_REFUSED', undefined, undefined, /foreign key/],
    [{ id: 1, computed: 7 }, 'COLUMN_GENERATED', 'computed', undefined, /computes/],
    [
      [
        { id: 1, other: 1 },
        { id: 2, other: 1 },
      ],
      'KEY_EXISTS',
      undefined,
      undefined,
      /things_other_key/,
    ],
  ]
  for (const [body, code, column, row, says] of cases) {
    const error = await refused(body)
    t.match(error, { code, message: says }, JSON.stringify(body))
    t.equal(error.details.column, column)
    t.equal(error.details.row, row)
  }
  t.equal(await db.value('SELECT count(*) FROM things'), 0)
  t.equal(await db.value('SELECT count(*) FROM dasy.runs'), 0, 'what is refused is no run')

  await db.run('ALTER TABLE things ALTER COLUMN always RESTART')
  await rows.insert('things', '[{"id":1,"short":"abc   ","size":1},{"id":2,"must":"y"}]')
  t.same(await db.rows('SELECT id, short, size, must, always FROM things ORDER BY id'), [
    { id: 1, short: 'abc', size: 1, must: 'x', always: 1 },
    { id: 2, short: null, size: null, must: 'y', always: 2 },
  ])
  const [first] = await changesOf(db, await db.value<number>('SELECT max(run) FROM dasy.runs'))
  t.match(first?.new, { short: 'abc', must: 'x', always: '1', size: '1' }, 'the history has what is stored')
  t.equal((await refusal(rows.patch('things', ['1'], '{"always":7}'))).code, 'COLUMN_GENERATED')
  t.equal((await refusal(rows.patch('things', ['1'], '{"day":"nope"}'))).details.column, 'day')
  t.match(await rows.put('things', ['1'], '{}'), { row: /"must":"x".*"always":1/ }, 'an identity stays')
  await db.run(`INSERT INTO other VALUES (7); UPDATE things SET parent = 7 WHERE id = 1`)
  const withOther = await rowsOf(t, db, { tables: [{ schema: undefined, name: 'other' }] })
  t.equal((await refusal(withOther.delete('other', ['7']))).code, 'STILL_REFERENCED')
})

t.test('keys of any text', async (t) => {
  const { rows } = await tableOf(
    t,
    'CREATE TABLE things (code text, "n, m" integer, note text, PRIMARY KEY (code, "n, m"))',
  )
  const codes = ['a/b', 'a,b', 'ä\u{1f600}', 'a\nb', '%2C', '"', "'", '\\', ' ', '?#&=', 'x'.repeat(2000)]
  for (const code of codes) {
    const made = await rows.put('things', [code, '1'], '{"note":"n"}')
    t.equal(made.row, `{"code":${JSON.stringify(code)},"n, m":1,"note":"n"}`)
    t.equal((await rows.get('things', [code, '1'])).row, made.row)
    t.match(await rows.patch('things', [code, '1'], '{"note":"m"}'), { made: false })
  }
  t.equal(
    (await rows.list('things', { sort: 'n, m'.split(',')[0] as string }).catch((e) => e)).code,
    'COLUMN_NOT_FOUND',
  )
  for (const code of codes) t.match(await rows.delete('things', [code, '1']), { row: null })
  t.same((await rows.list('things')).rows, [])
})

t.test('a key that is equal for its type is the same row', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE EXTENSION citext; CREATE TABLE things (id citext PRIMARY KEY, n integer); INSERT INTO things VALUES ('Abc', 1)`,
  )
  t.equal((await rows.get('things', ['aBC'])).row, '{"id":"Abc","n":1}')
  t.match(await rows.put('things', ['ABC'], '{"id":"abc","n":2}'), { made: false, row: '{"id":"Abc","n":2}' })
  t.match(await rows.delete('things', ['abc']), { row: null })
  t.equal(await db.value('SELECT count(*) FROM things'), 0)
})
