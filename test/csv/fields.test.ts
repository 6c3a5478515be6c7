/** The fields of sound records, by each of our readers and by csv-parse: another program's opinion. */
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { FieldCounter } from '../../lib/csv/field-counter.js'
import { splitLeniently, textOf } from '../../lib/csv/lenient.js'
import { withoutLineEnd } from '../../lib/csv/line-end.js'
import { type ScanState, scan } from '../../lib/csv/scan.js'
import { FieldReader } from '../../lib/inspect/fields.js'
import { Random } from './fuzz/random.mjs'

const SEED = Number(process.env.SEED ?? 4)
const ROUNDS = 3000
const PARTS = ['"', '"', '""', ',', ',', '\n', '\r\n', '\r', 'a', ' ', '\\', 'é']
const DIALECTS = [
  { delimiter: ',', quote: '"', escape: '"' },
  { delimiter: ';', quote: "'", escape: "'" },
  { delimiter: ',', quote: '"', escape: '\\' },
]

/** csv-parse drops an escape before anything but a quote and an escape; COPY, and so dasy, takes it for text. */
const OTHER_ESCAPE = /\\[^"\\]|\\$/

interface Field {
  readonly text: string
  readonly quoted: boolean
}

t.test('what the scan calls sound is read alike by all', async (t) => {
  let sound = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const random = new Random(SEED, round)
    const spelled = random.pick(DIALECTS)
    const text = Array.from({ length: random.below(30) }, () => random.pick(PARTS)).join('')
    const bytes = Buffer.from(text.replaceAll(',', spelled.delimiter).replaceAll('"', spelled.quote))
    for (const record of soundRecords(bytes, spelled)) {
      if (spelled.escape === '\\' && OTHER_ESCAPE.test(record.toString())) continue
      sound += 1
      const said = JSON.stringify(byCsvParse(record, spelled))
      const found = readings(record, spelled).map((fields) => JSON.stringify(fields))
      if (found.some((each) => each !== said))
        return t.fail(`round ${round}: ${JSON.stringify(record.toString())}`, { said, found, spelled })
    }
  }
  t.ok(sound > ROUNDS, `${sound} records of seed ${SEED}`)
})

type Spelled = (typeof DIALECTS)[number]

function dialectOf({ delimiter, quote, escape: mark }: Spelled) {
  const [d, q, e] = [delimiter, quote, mark].map((each) => each.charCodeAt(0)) as [number, number, number]
  return { delimiter: d, quote: q, escape: e, trim: false }
}

function* soundRecords(bytes: Buffer, spelled: Spelled): Generator<Buffer> {
  const dialect = dialectOf(spelled)
  for (let at: ScanState = { offset: 0, line: 1 }; at.offset < bytes.length; ) {
    const options = { dialect, maxRecord: bytes.length, final: true, stopAt: at.offset + 1 }
    const { state, records, fault } = scan(bytes.subarray(at.offset), at, options)
    if (records > 0 && !fault) yield withoutLineEnd(bytes.subarray(at.offset, state.offset))
    at = state
  }
}

function byCsvParse(record: Buffer, spelled: Spelled): Field[] {
  const options = { ...spelled, record_delimiter: '\0', relax_column_count: true, info: false }
  const cast = (text: string, { quoting }: { quoting: boolean }) => ({ text, quoted: quoting })
  const [fields] = parse(record, { ...options, cast } as object) as unknown as [Field[]]
  return fields
}

function readings(record: Buffer, spelled: Spelled): Field[][] {
  const dialect = dialectOf(spelled)
  const split = splitLeniently(record, dialect) ?? []
  const columns = new FieldCounter(dialect).count(record)
  const reader = new FieldReader(dialect, columns)
  reader.read(record, 0)
  const read = Array.from({ length: columns }, (_, field) => {
    const { bytes, start, end } = reader.text(field)
    return { text: bytes.toString('utf8', start, end), isNull: reader.isNull(field) }
  })
  return [
    split.map((field) => ({ text: textOf(field, dialect).toString(), quoted: field.quoted })),
    // The reader tells only whether an empty field is in quotes.
    read.map(({ text, isNull }, field) => ({
      text,
      quoted: text === '' ? !isNull : (split[field]?.quoted ?? false),
    })),
  ]
}
