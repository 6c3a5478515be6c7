import { parseNullWord } from '../contract/dialect-options.js'
import type { Settings } from '../contract/settings.js'
import { describeDialect } from '../csv/describe.js'
import { type BetterOptions, detectDialect } from '../csv/detect.js'
import { type Encodings, refusePartsOfCharacters, UTF8 } from '../csv/encoding.js'
import type { Format } from '../csv/format.js'
import type { Source } from '../source/source.js'
import { decode } from './decode.js'
import { withDoubts } from './doubts.js'
import { recordEndsOf, surplusOf } from './first-records.js'
import { LONGEST_HEADER, type Opening, readOpening } from './opening.js'
import { wantedColumns } from './wanted-columns.js'

/** A source whose dialect, encoding and header are known. */
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
  /** What detection was not sure of: what was seen, and which flag decides. */
  readonly doubts: readonly string[]
  /** Options with which the source may load better. */
  readonly better: BetterOptions
  /** The beginning of its records, on which another dialect can be tried. */
  readonly sample: Buffer
}

/** Bytes of a sample. */
const SAMPLE = 64 * 1024

/**
 * Detects dialect and encoding of a source in its first bytes, as far as the settings do not name them, and reads its
 * header.
 * @param known the columns of the table, if it exists
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
  const decoded = await decode(encodings, reading.encoding, given)
  const { source, encoding, shown } = decoded
  const bytes = await source.head(LONGEST_HEADER)
  const isAll = bytes.length < LONGEST_HEADER

  const detected = detectDialect(
    bytes,
    {
      ...reading.dialect,
      ...(columns && { columns: columns.length, names: columns }),
      trim,
      header,
      skipLines: reading.skipLines,
      wanted: wantedColumns(mapping, known),
    },
    isAll,
  )
  const { dialect, skipLines } = detected
  const found = [...decoded.doubts, ...detected.doubts]
  const doubts = found.map(({ text }) => text)

  const opening = await readOpening(source, {
    dialect,
    skipLines,
    columns,
    columnOptions: mapping,
    toUtf8: (text, hasMark) => encodings.toUtf8(text, hasMark, encoding, source.name),
  }).catch((error) => {
    throw withDoubts(error, doubts)
  })
  parseNullWord(nullWord, dialect)
  refusePartsOfCharacters(dialect, encoding)
  const word = nullWord === undefined ? undefined : await encodings.encodeNullWord(nullWord, encoding)

  const head = { bytes, isAll, opening, dialect }
  return {
    source,
    format: { dialect, encoding, nullWord: word, lenientQuotes, maxRecord: limits.maxRecord },
    opening,
    surplus: surplusOf(head),
    description: describeDialect(dialect, shown, recordEndsOf(head), opening.columns, header),
    encoding: shown === UTF8 ? 'UTF-8' : shown,
    doubts,
    better: Object.assign({}, ...found.map(({ better }) => better)),
    sample: Buffer.from(bytes.subarray(opening.start.offset, opening.start.offset + SAMPLE)),
  }
}
