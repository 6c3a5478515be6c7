import t from 'tap'
import { kindsOf } from '../../lib/inspect/kinds.js'
import { CANDIDATES, isOfCalendar } from '../../lib/mapping/kinds.js'
import { migrateUp } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

/** What PostgreSQL says of a value: the kinds of --infer, without days that its calendar does not have. */
async function truth(db: TestDatabase, value: string): Promise<number> {
  const kinds = await db.value<number>('SELECT dasy.kinds($1)', [value])
  const { type } = CANDIDATES.find(({ bit }) => (kinds & bit) !== 0) ?? {}
  if (type === undefined || !isOfCalendar(type)) return kinds
  const fits = await db.rows(`SELECT CAST($1::text AS ${type})`, [value]).catch(() => undefined)
  return fits ? kinds : 0
}

const around = (text: string): bigint[] => [-2n, -1n, 0n, 1n, 2n].map((more) => BigInt(text) + more)

const NUMBERS = [
  ...[
    '0',
    '-0',
    '00',
    '01',
    '+1',
    '-1',
    '1.',
    '.5',
    '0.5',
    '-0.0',
    '1.50',
    '1e3',
    '1,000',
    ' 1',
    '1 ',
    '--1',
    '-',
  ],
  ...['99999999', '999999999', '9999999999', '-999999999', `1${'0'.repeat(98)}`, `1${'0'.repeat(99)}`],
  ...[
    '0'.repeat(101),
    `1${'0'.repeat(100)}`,
    `0.${'1'.repeat(98)}`,
    `0.${'1'.repeat(99)}`,
    '१',
    '1\n',
    'NaN',
  ],
  ...around('2147483647'),
  ...around('-2147483648'),
  ...around('9223372036854775807'),
  ...around('-9223372036854775808'),
].map(String)

const WORDS = [
  'true',
  'false',
  'TRUE',
  'True',
  'tRUE',
  't',
  'f',
  'yes',
  'on',
  '',
  ' ',
  'null',
  'é'.repeat(99),
]

const UUIDS = [
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
  'a0eebc999c0b4ef8bb6d6bb9bd380a11',
  '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g',
  'a0eebc99-9c0b-4ef8-bb6d6-bb9bd380a11',
]

const DAYS = [
  ...['2024-02-29', '2023-02-29', '1900-02-29', '2000-02-29', '2026-02-30', '2024-04-31', '2024-12-31'],
  ...['0000-01-01', '0001-01-01', '9999-12-31', '2024-00-10', '2024-13-10', '2024-01-00', '2024-01-32'],
  ...[
    '2024-1-01',
    '24-01-01',
    '20240101',
    '2024/01/01',
    '01-02-2024',
    '2024-01-01 ',
    '12345-01-01',
    'abcd-ef-gh',
  ],
]

const TIMES = [
  ...[
    'T10:20',
    ' 10:20',
    't10:20',
    '  10:20',
    ' 10',
    ' 1:20',
    ' 10:20:30',
    ' 10:20:30.',
    ' 10:20:30.5',
    ' 10:60',
  ],
  ...[' 10:20:30.123456', ' 10:20:30.1234567', ' 24:00', ' 24:00:00', ' 24:00:01', ' 24:00:00.1', ' 25:00'],
  ...[
    ' 23:59:59',
    ' 23:59:60',
    ' 23:59:60.1',
    ' 10:20:60',
    ' 10:20:60.5',
    ' 10:20:61',
    ' 10:20 AM',
    ' 24:01',
  ],
]

const ZONES = [
  '',
  'Z',
  'z',
  '+00',
  '-05',
  '+0530',
  '+05:30',
  '+05:',
  '-15:59',
  '+15',
  '+16',
  '+16:00',
  '+05:60',
  ' UTC',
]

t.test('a value is of the kinds that --infer finds on the server', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  const moments = TIMES.flatMap((time) => ZONES.map((zone) => `2024-02-29${time}${zone}`))
  const others = ['2023-02-29T10:20', '0000-01-01 00:00Z', '2024-06-31 10:20+02', '0001-01-01 00:00+15:59']
  for (const value of [...NUMBERS, ...WORDS, ...UUIDS, ...DAYS, ...moments, ...others]) {
    const expected = await truth(db, value)
    if (kindsOf(value) !== expected) t.equal(kindsOf(value), expected, JSON.stringify(value))
  }
  t.pass('for each of them')
})
