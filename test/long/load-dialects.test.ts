/** Texts in any dialect: what becomes of them is what PostgreSQL makes of them, and what was meant by them. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import t from 'tap'
import type { Format } from '../../lib/csv/format.js'
import { type Dialect, scan } from '../../lib/csv/scan.js'
import { CleanText } from '../../lib/load/clean-text.js'
import type { SourcePlan } from '../../lib/ranges/load-plan.js'
import { Random } from '../csv/fuzz/random.mjs'
import { hasAsMany, recordsOf } from '../csv/fuzz/reference.mjs'
import { testDatabase } from '../support/database.js'

const SEED = Number(process.env.SEED ?? 11)
t.comment(`SEED=${SEED}`)
const ROUNDS = 150

const NONE = '\x01'
const DELIMITERS = [',', ';', '\t', '|', ' ', ':', '^', '~', '\x1f', '0', '.']
const LINE_ENDS = ['\n', '\r\n', '\r']
const NULL_WORD = 'NULL'

type Row = (string | null)[]
type Spelled = Record<'delimiter' | 'quote' | 'mark', string>

function anyDialect(random: Random): Spelled {
  const quote = random.pick(['"', '"', "'", '`'])
  return {
    delimiter: random.pick(DELIMITERS),
    quote,
    mark: random.chance(50) ? quote : random.pick(['\\', '/']),
  }
}

function bytesOf({ delimiter, quote, mark }: Spelled, trim: boolean): Dialect {
  const [d, q, e] = [delimiter, quote, mark].map((each) => each.charCodeAt(0)) as [number, number, number]
  return { delimiter: d, quote: q, escape: e, trim }
}

/** A value, and a way to write it that means it. */
function field(random: Random, dialect: Spelled, trim: boolean, nullWord: boolean): [string | null, string] {
  const { delimiter, quote, mark } = dialect
  const blank = () => (trim ? random.pick(['', '', ' ', '  ', '\t']).replaceAll(delimiter, '') : '')
  const around = (text: string) => blank() + text + blank()
  if (random.chance(15)) return [null, around('')]
  if (nullWord && random.chance(15)) return [null, around(NULL_WORD)]
  const some = random.pick([
    ['a', 'é', ' ', '\\', '.', '\t', '/', '0', "'"],
    ['a', delimiter, quote, quote, mark, '\\', '/', '\n', '\r', '\r\n', ' ', '\t'],
    ['N', 'U', 'L', NULL_WORD, ' '],
  ])
  const value = Array.from({ length: random.below(7) }, () => random.pick(some)).join('')
  const inQuotes = [...value].map((c) => (c === quote || c === mark ? mark + c : c)).join('')
  const isPlain =
    value !== '' &&
    ![delimiter, quote, '\n', '\r'].some((each) => value.includes(each)) &&
    !(nullWord && value === NULL_WORD) &&
    !(trim && value.trim() !== value)
  return [value, around(isPlain && random.chance(50) ? value : quote + inQuotes + quote)]
}

interface File {
  readonly dialect: Spelled
  readonly columns: number
  readonly rows: Row[]
  readonly bytes: Buffer
}

function file(random: Random, trim: boolean, nullWord: boolean): File {
  const dialect = anyDialect(random)
  const columns = random.between(1, 4)
  const end = random.pick(LINE_ENDS)
  const rows: Row[] = []
  let text = ''
  for (let left = random.between(1, 25); left > 0; left -= 1) {
    const fields = Array.from({ length: columns }, () => field(random, dialect, trim, nullWord))
    const record = fields.map(([, written]) => written).join(dialect.delimiter)
    // A blank line or record, or with PostgreSQL before 18 the end of the data.
    if (record.replaceAll(dialect.delimiter, '').trim() === '' || record === '\\.') continue
    rows.push(fields.map(([value]) => value))
    // A last record that is but the word is lost on COPY when it is emptied, and found by halving: not looked at here.
    text += record + (left === 1 && record !== NULL_WORD && random.chance(50) ? '' : end)
  }
  return { dialect, columns, rows, bytes: Buffer.from(text) }
}

async function copied(client: pg.Client, text: Uint8Array[], columns: number, dialect: Dialect) {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`)
  const [delimiter, quote, mark] = [dialect.delimiter, dialect.quote, dialect.escape].map((byte) =>
    pg.escapeLiteral(String.fromCharCode(byte)),
  )
  await client.query(`CREATE TEMP TABLE copied (n serial, ${names.map((name) => `${name} text`)})`)
  const options = `FORMAT csv, DELIMITER ${delimiter}, QUOTE ${quote}, ESCAPE ${mark}`
  const copy = copyStreams.from(`COPY copied (${names}) FROM STDIN (${options})`)
  await pipeline(Readable.from(text), client.query(copy))
  const { rows } = await client.query({ text: `SELECT ${names} FROM copied ORDER BY n`, rowMode: 'array' })
  await client.query('DROP TABLE copied')
  return rows as Row[]
}

/** What goes to COPY of a text, and how many records are rejected. */
function cleaned(bytes: Buffer, format: Partial<Format>, columns: number) {
  const plan = {
    maxRecord: 2 ** 20,
    encoding: 'UTF8',
    nullWord: undefined,
    lenientQuotes: false,
    columns,
    surplus: 0,
    ...format,
  }
  const text = new CleanText(plan as unknown as SourcePlan, {
    source: 0,
    start: { offset: 0, line: 1 },
    end: bytes.length,
    read: (into, offset) => void into.set(bytes.subarray(offset, offset + into.length)),
  })
  return { text: [...text].map((chunk) => Buffer.from(chunk)), rejects: text.rejects }
}

t.test('well-formed files in any dialect are read as COPY reads them', async (t) => {
  const db = await testDatabase(t)
  const client = await db.client()
  for (let round = 0; round < ROUNDS; round += 1) {
    const { dialect, columns, rows, bytes } = file(new Random(SEED, round), false, false)
    const spelled = bytesOf(dialect, false)
    const name = JSON.stringify([round, dialect, bytes.toString()])
    const options = { dialect: spelled, stopAt: 2 ** 40, final: true, maxRecord: 2 ** 20 }
    const scanned = scan(bytes, { offset: 0, line: 1 }, options)
    const found = await copied(client, [bytes], columns, spelled)
    t.strictSame(found, rows, `COPY: ${name}`)
    t.match(scanned, { records: rows.length, fault: undefined }, `the scan: ${name}`)
  }
})

t.test('blanks and a word for NULL are left out in any dialect', async (t) => {
  const db = await testDatabase(t)
  const client = await db.client()
  for (let round = 0; round < ROUNDS; round += 1) {
    const random = new Random(SEED, 10_000 + round)
    const [trim, nullWord] = random.pick([
      [true, true],
      [true, false],
      [false, true],
    ] as const)
    const { dialect, columns, rows, bytes } = file(random, trim, nullWord)
    const spelled = bytesOf(dialect, trim)
    const format = { dialect: spelled, nullWord: nullWord ? Buffer.from(NULL_WORD) : undefined }
    const { text, rejects } = cleaned(bytes, format, columns)
    const name = JSON.stringify([round, format, bytes.toString()])
    t.strictSame(rejects, [], `rejects: ${name}`)
    t.strictSame(await copied(client, text, columns, spelled), rows, name)
  }
})

t.test('of damaged files in any dialect what is good arrives', async (t) => {
  const db = await testDatabase(t)
  const client = await db.client()
  for (let round = 0; round < ROUNDS; round += 1) {
    const random = new Random(SEED, 20_000 + round)
    const trim = random.chance(50)
    const { dialect, columns, bytes } = file(random, trim, false)
    const spelled = bytesOf(random.chance(10) ? { ...dialect, quote: NONE, mark: NONE } : dialect, trim)
    const damage = [dialect.delimiter, dialect.quote, dialect.mark, ' ', '\n', '\n\\.\n', '']
    let damaged = bytes
    for (let left = random.between(1, 4); left > 0; left -= 1) {
      const at = random.below(damaged.length)
      const insert = Buffer.from(random.pick(damage))
      damaged = Buffer.concat([damaged.subarray(0, at), insert, damaged.subarray(at + random.below(2))])
    }
    const name = JSON.stringify([round, spelled, damaged.toString()])
    const records = recordsOf(damaged, spelled, columns)
    const isUtf8 = (field: Buffer | null) => !field || Buffer.from(field.toString()).equals(field)
    const good = records.filter(
      ({ fault, fields }) => !fault && hasAsMany(fields, columns) && fields.every(isUtf8),
    )
    const { text, rejects } = cleaned(damaged, { dialect: spelled }, columns)
    t.strictSame(
      await copied(client, text, columns, spelled),
      good.map(({ fields }) => fields.slice(0, columns).map((field) => field?.toString() ?? null)),
      name,
    )
    t.equal(rejects.length, records.length - good.length, `rejects: ${name}`)
  }
})
