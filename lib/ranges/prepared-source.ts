import { parseNullWord } from '../contract/dialect-options.js'
import type { Settings } from '../contract/settings.js'
import { describeDialect } from '../csv/describe.js'
import { type BetterOptions, type Doubt, detectDialect } from '../csv/detect.js'
import { detectEncoding } from '../csv/detect-encoding.js'
import { type Encodings, refusePartsOfCharacters, UTF8 } from '../csv/encoding.js'
import { FieldCounter } from '../csv/field-counter.js'
import type { Format } from '../csv/format.js'
import { withoutLineEnd } from '../csv/line-end.js'
import { type Dialect, scan } from '../csv/scan.js'
import { endWithoutSurplus } from '../csv/surplus.js'
import type { Source } from '../source/source.js'
import { withDoubts } from './doubts.js'
import { LONGEST_HEADER, type Opening, readOpening } from './opening.js'
import { wantedColumns } from './wanted-columns.js'

/** How a source is read. */
export interface PreparedSource {
  /** The source itself, or its text converted to UTF-8. */
  readonly source: Source
  readonly format: Format
  readonly opening: Opening
  /** Empty fields that its records seem to have behind those of the columns. */
  readonly surplus: number
  /** `comma, UTF-8, CRLF, header: name, sku, description` */
  readonly description: string
  /** As the user is told: `UTF-8`, `LATIN1`. */
  readonly encoding: string
  /** What was seen where that leaves a doubt, and which flag decides. */
  readonly doubts: readonly string[]
  /** Options under which it may be read better. */
  readonly better: BetterOptions
  /** The beginning of its text: what another dialect would make of it can be tried. */
  readonly sample: Buffer
}

/** Bytes of a sample that are kept. */
const SAMPLE = 64 * 1024

/**
 * Finds out how a source is written, as far as the flags do not say, from its first part; then reads its header.
 * @throws DasyError EMPTY_FILE, BAD_HEADER, BAD_OPTION
 */
export async function prepareSource(
  encodings: Encodings,
  settings: Settings,
  given: Source,
  known: readonly string[] = [],
): Promise<PreparedSource> {
  const { reading, mapping, limits } = settings
  const { nullWord, lenientQuotes, trim, header, columns } = reading
  const { source, encoding, shown, doubts: encodingDoubts } = await decode(encodings, reading.encoding, given)
  const head = await source.head(LONGEST_HEADER)
  const wanted = wantedColumns(mapping, known)
  const { skipLines: asked } = reading
  const fields = columns && { columns: columns.length, names: columns }
  const options = { ...reading.dialect, ...fields, trim, header, skipLines: asked, wanted }
  const final = head.length < LONGEST_HEADER
  const { dialect, skipLines, doubts: dialectDoubts } = detectDialect(head, options, final)
  const found = [...encodingDoubts, ...dialectDoubts]
  const doubts = found.map(({ text }) => text)
  const opening = await readOpening(source, {
    dialect,
    skipLines,
    columns,
    dealtWith: mapping,
    toUtf8: (bytes, marked) => encodings.toUtf8(bytes, marked, encoding, source.name),
  }).catch((error) => {
    throw withDoubts(error, doubts)
  })
  parseNullWord(nullWord, dialect)
  refusePartsOfCharacters(dialect, encoding)
  const word = nullWord === undefined ? undefined : await encodings.encodeNullWord(nullWord, encoding)
  return {
    source,
    format: { dialect, encoding, nullWord: word, lenientQuotes, maxRecord: limits.maxRecord },
    opening,
    surplus: surplusIn(head, opening, dialect, final),
    description: describeDialect(
      dialect,
      shown,
      recordEndsOf(head, opening, dialect, final),
      opening.columns,
      header,
    ),
    encoding: shown === UTF8 ? 'UTF-8' : shown,
    doubts,
    better: Object.assign({}, ...found.map(({ better }) => better)),
    sample: Buffer.from(head.subarray(opening.start.offset, opening.start.offset + SAMPLE)),
  }
}

/** Bytes of records that show how they end. */
const ENOUGH_TO_SEE = 64 * 1024

/** Of the records that are in sight. */
function recordEndsOf(
  head: Uint8Array,
  { columns, start }: Opening,
  dialect: Dialect,
  final: boolean,
): number {
  const stopAt = Number.POSITIVE_INFINITY
  const rest = head.subarray(start.offset, start.offset + ENOUGH_TO_SEE)
  const isAll = final && start.offset + rest.length === head.length
  const options = { dialect, maxRecord: LONGEST_HEADER, columns: columns.length, final: isAll, stopAt }
  return scan(rest, start, options).recordEnds
}

/** A table has at most 1,600 columns. */
const MOST_FIELDS = 1500

/** As the first sound record has it. What others have is dropped as well, but COPY takes these as they stand. */
function surplusIn(head: Uint8Array, { columns, start }: Opening, dialect: Dialect, final: boolean): number {
  const counter = new FieldCounter(dialect)
  const options = { dialect, maxRecord: LONGEST_HEADER, columns: columns.length, final }
  for (let at = start; at.offset < Math.min(head.length, start.offset + ENOUGH_TO_SEE); ) {
    const { state, records, fault } = scan(head.subarray(at.offset), at, {
      ...options,
      stopAt: at.offset + 1,
    })
    if (state === at) break
    if (records > 0 && !fault) {
      const record = withoutLineEnd(Buffer.from(head.subarray(at.offset, state.offset)))
      const surplus = Math.max(0, counter.count(record) - columns.length)
      const isEmpty = endWithoutSurplus(record, record.length, surplus, dialect) !== undefined
      return isEmpty && columns.length + surplus <= MOST_FIELDS ? surplus : 0
    }
    at = state
  }
  return 0
}

interface Decoded {
  readonly source: Source
  /** What COPY is told. */
  readonly encoding: string
  /** What the user is told. */
  readonly shown: string
  readonly doubts: readonly Doubt[]
}

/** What the other side converts, such as COPY, goes as it is; a library decodes what it does not, such as UTF-16. */
async function decode(encodings: Encodings, asked: string | undefined, source: Source): Promise<Decoded> {
  if (asked === undefined) {
    const head = await source.head(LONGEST_HEADER)
    const { name: encoding, doubts } = detectEncoding(head, head.length < LONGEST_HEADER)
    if (encoding === UTF8) return { source, encoding, shown: 'UTF-8', doubts }
    return { source: await source.decoded(encoding), encoding: UTF8, shown: encoding, doubts }
  }
  const { isDecodable } = await import('../source/decoded/decoding.js')
  const encoding = await encodings.find(asked, isDecodable(asked))
  if (encoding !== undefined) return { source, encoding, shown: encoding, doubts: [] }
  return { source: await source.decoded(asked), encoding: UTF8, shown: asked, doubts: [] }
}
