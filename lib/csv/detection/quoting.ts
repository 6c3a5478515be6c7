import { NO_QUOTE } from '../../contract/dialect-options.js'
import { nameOf } from '../describe.js'
import { fitOf, type Sample, type SampleRecord, shapeOf } from '../sample.js'
import { COMMA } from './candidate.js'
import type { Doubt } from './detection.js'
import { leadIn } from './lines.js'
import { APOSTROPHE, DOUBLE_QUOTE, type Quotings } from './quotings.js'
import { namedBy } from './wanted.js'

/** Rule 3 of the detection in docs/csv.md: which quotes a text has, once its delimiter is chosen. */

/**
 * Chooses the quotes that a text has under a delimiter.
 * @param text all text read so far, of which the samples are the beginning
 */
export function chooseQuotes(quotings: Quotings, text: Buffer): { sample: Sample; doubts: Doubt[] } {
  const { given } = quotings
  const usual = quotings.bestEscape(given.quote ?? DOUBLE_QUOTE)
  const { sample } = usual
  if (given.quote !== undefined) return { sample, doubts: [...usual.doubts, ...blanks(quotings, sample)] }
  if (areText(quotings, sample, text)) {
    const { without } = quotings
    const stray = `${sample.faulty} of ${sample.records.length} records have misplaced quotes`
    const doubt = `not sure of the quote: ${stray}, so all quotes are read as text (none); --quote decides`
    return { sample: without, doubts: [{ text: doubt }, ...apostrophes(quotings, without)] }
  }
  const other = makesSenseOf(quotings, sample)
  if (other) {
    const counts = `${other.quoted} of ${other.records.length} records have a field in apostrophes`
    const doubt = `not sure of the quote: ${counts}, read as quotes, because the file makes no sense without them; --quote decides`
    return { sample: other, doubts: [{ text: doubt }] }
  }
  const doubts = [
    ...usual.doubts,
    ...blanks(quotings, sample),
    ...spannedLines(quotings, sample),
    ...backslashPairs(quotings, sample),
    ...quotedLines(quotings, sample),
    ...apostrophes(quotings, sample),
  ]
  return { sample, doubts }
}

/**
 * Whether double quotes are text, because most of them are misplaced. Not if comma is the delimiter: then such a record is
 * bad, because a text with quotes would have to be quoted.
 */
function areText({ delimiter, given, without }: Quotings, usual: Sample, text: Buffer): boolean {
  if (delimiter === COMMA || usual.faulty === 0) return false
  if (usual.needed > 0 || usual.quoted >= usual.faulty) return false
  const { fields } = shapeOf({ records: leadIn(without, given).records })
  if (fitOf(shapeOf(without, fields)) <= fitOf(shapeOf(usual, fields))) return false
  return usual.quoted > 0 || !hasQuotedFields(text, delimiter)
}

/** Whether any field seems to stand between quotes. */
function hasQuotedFields(text: Buffer, delimiter: number): boolean {
  const edges = [Buffer.of(delimiter, DOUBLE_QUOTE), Buffer.of(0x0a, DOUBLE_QUOTE)]
  const ends = [
    Buffer.of(DOUBLE_QUOTE, delimiter),
    Buffer.of(DOUBLE_QUOTE, 0x0a),
    Buffer.of(DOUBLE_QUOTE, 0x0d),
  ]
  return edges.some((edge) => text.includes(edge)) && ends.some((end) => text.includes(end))
}

/** A file makes no sense if less than this part of its records has the usual number of fields. */
const SENSE = 0.75

/** Apostrophes are quotes only if the file makes no sense otherwise: they enclose a delimiter or a line break. */
function makesSenseOf(quotings: Quotings, usual: Sample): Sample | undefined {
  if (!quotings.mayHaveApostrophes || usual.quoted > 0) return undefined
  const { sample: other } = quotings.bestEscape(APOSTROPHE)
  if (other.quoted < 2 || other.faulty > other.records.length / 5) return undefined
  const { given } = quotings
  const width = usual.records[0]?.fields.length
  const isSameHeader =
    given.header && width !== undefined && width > 1 && other.records[0]?.fields.length === width
  const expected = given.columns ?? (isSameHeader ? width : undefined)
  const [before, after] = [shapeOf(usual, expected), shapeOf(other, expected)]
  const isAskedFor = (sample: Sample) => namedBy(sample.records[0], sample.dialect, given.wanted).asked
  if (other.faulty === 0 && isAskedFor(other) > isAskedFor(usual)) return other
  if (other.needed === 0 || fitOf(after) <= fitOf(before)) return undefined
  const headerFits = !given.header || before.first === before.fields
  const isSound =
    other.faulty === 0 && other.quoted >= SENSE * (other.records.length - 1) && fitOf(after) === 1
  return isSound || fitOf(before) < SENSE || !headerFits ? other : undefined
}

function apostrophes(quotings: Quotings, usual: Sample): Doubt[] {
  if (!quotings.mayHaveApostrophes) return []
  const plain = quotings.sample(APOSTROPHE)
  const trimmed = quotings.sample(APOSTROPHE, APOSTROPHE, true)
  const isTrimmed = !quotings.given.trim && plain.faulty > trimmed.faulty && trimmed.quoted > 0
  const { records, dialect } = isTrimmed ? trimmed : plain
  // Not over line breaks: that is mostly from one apostrophe of the text to another.
  const isPlain = ({ bytes, fields }: SampleRecord): boolean =>
    bytes.includes(dialect.quote) &&
    fields.some(({ quoted }) => quoted) &&
    !bytes.includes('\n') &&
    !bytes.includes('\r')
  const quoted = records.filter(isPlain).length
  if (quoted < Math.min(2, usual.records.length) || quoted < records.length / 4) return []
  const flags = isTrimmed ? '--quote "\'" --trim decides' : '--quote decides'
  const counts = `${quoted} of ${records.length} records have a field in apostrophes`
  return [{ text: `not sure of the quote: ${counts}, read as text; ${flags}` }]
}

function blanks(quotings: Quotings, usual: Sample): Doubt[] {
  const { quote, escape: mark, trim } = usual.dialect
  if (trim || usual.faulty === 0 || quote === NO_QUOTE) return []
  const trimmed = quotings.sample(quote, mark, true)
  if (trimmed.faulty > usual.faulty / 2 || trimmed.quoted <= usual.quoted) return []
  return [{ text: 'blanks stand between delimiters and quotes; --trim removes them', better: { trim: true } }]
}

/** Backslashes in quoted fields always come in pairs, as if they were escaped. */
function backslashPairs(quotings: Quotings, { records, dialect }: Sample): Doubt[] {
  if (quotings.given.escape !== undefined || dialect.escape !== dialect.quote) return []
  if (!quotings.has('\\')) return []
  const fields = records.flatMap((record) => record.fields.filter(({ quoted }) => quoted))
  const runs = fields.flatMap(({ bytes }) => Buffer.from(bytes).toString('latin1').match(/\\+/g) ?? [])
  if (runs.length === 0 || runs.some(({ length }) => length % 2 === 1)) return []
  const text =
    "not sure of the escape: backslashes in quotes come in pairs and are kept as they are; --escape '\\' reads each pair as one"
  return [{ text }]
}

/** Quotes stand around each line as a whole. */
function quotedLines({ without, delimiter }: Quotings, usual: Sample): Doubt[] {
  const [before, after] = [shapeOf(usual), shapeOf(without)]
  if (before.fields !== 1 || usual.quoted < 2 || usual.quoted < 0.9 * usual.records.length) return []
  if (after.fields < 2 || fitOf(after) < 0.9 || after.first !== after.fields) return []
  const text = `not sure of the quote: each line as a whole is in quotes and read as one column, without quotes ${nameOf(delimiter)} gives ${after.fields} fields; --quote none decides`
  return [{ text }]
}

/** A quoted field spans lines that would each be a record by itself. */
function spannedLines({ without }: Quotings, usual: Sample): Doubt[] {
  const { fields } = shapeOf(usual)
  if (fields < 2 || without.records.length <= usual.records.length) return []
  if (fitOf(shapeOf(without, fields)) < 1) return []
  const [record] = usual.records.filter(({ bytes }) => bytes.includes('\n') || bytes.includes('\r'))
  if (!record) return []
  const text = `not sure of the quote: a field that opens in line ${record.line} spans lines that would be records by themselves; --quote none reads quotes as text`
  return [{ text }]
}
