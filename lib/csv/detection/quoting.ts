import { NO_QUOTE } from '../../contract/dialect-options.js'
import { nameOf } from '../describe.js'
import type { Dialect } from '../dialect.js'
import { fitOf, type Sample, type SampleRecord, sampleOf, shapeOf } from '../sample.js'
import type { Doubt, Given } from './detection.js'
import { leadIn } from './lines.js'
import { namedBy } from './wanted.js'

/** Quotes and escapes: which of them a delimiter is to be judged with, and which it gets. */

const COMMA = 0x2c
const [DOUBLE_QUOTE, APOSTROPHE, BACKSLASH] = [0x22, 0x27, 0x5c]

/** A text under one delimiter and any quotes; each sample is made when it is asked for. */
export class Quotings {
  readonly #text: Buffer
  readonly #final: boolean
  readonly #samples = new Map<string, Sample>()
  #mayHaveApostrophes: boolean | undefined

  constructor(
    text: Buffer,
    readonly delimiter: number,
    readonly given: Given,
    final: boolean,
  ) {
    this.#text = text
    this.#final = final
  }

  sample(quote: number, mark = quote, trim = this.given.trim): Sample {
    const id = `${quote} ${mark} ${trim}`
    const sample = this.#samples.get(id) ?? this.#read(quote, mark, trim)
    this.#samples.set(id, sample)
    return sample
  }

  #read(quote: number, mark: number, trim: boolean): Sample {
    const dialect: Dialect = { delimiter: this.delimiter, quote, escape: mark, trim }
    // Without a single quote it is as it is without quotes.
    if (quote !== NO_QUOTE && !this.#text.includes(quote))
      return { ...this.sample(NO_QUOTE, NO_QUOTE, trim), dialect }
    return sampleOf(this.#text, dialect, this.#final)
  }

  get without(): Sample {
    return this.sample(NO_QUOTE)
  }

  /** Nothing but the first record, with double quotes or those that are given, and without. */
  get firstOnly(): Sample[] {
    const { delimiter } = this
    const { quote = DOUBLE_QUOTE, escape: mark = quote, trim } = this.given
    const quoted: Dialect = { delimiter, quote, escape: mark, trim }
    const without: Dialect = { delimiter, quote: NO_QUOTE, escape: NO_QUOTE, trim }
    return [quoted, without].map((dialect) => sampleOf(this.#text, dialect, false, 1))
  }

  /** The samples by which the delimiter is judged: with quotes of each kind that the text might have, and without. */
  get all(): Sample[] {
    const { given } = this
    if (given.quote !== undefined) return [this.#escaped(given.quote), this.#trimmed(given.quote)].flat()
    const double = this.has('"') ? [this.#escaped(DOUBLE_QUOTE), this.#trimmed(DOUBLE_QUOTE)].flat() : []
    const single = this.mayHaveApostrophes
      ? [this.#escaped(APOSTROPHE), this.#trimmed(APOSTROPHE)].flat()
      : []
    return [...double, this.without, ...single]
  }

  /** With a quote: doubled, and behind a backslash where that might be an escape. */
  #escaped(quote: number): Sample[] {
    const { given } = this
    if (given.escape !== undefined) return [this.sample(quote, given.escape)]
    const doubled = this.sample(quote)
    const isOpen = quote !== NO_QUOTE && this.delimiter !== BACKSLASH && doubled.faulty > 0
    return isOpen && this.#text.includes(Buffer.of(BACKSLASH, quote))
      ? [doubled, this.sample(quote, BACKSLASH)]
      : [doubled]
  }

  #trimmed(quote: number): Sample[] {
    const [usual] = this.#escaped(quote) as [Sample]
    if (this.given.trim || quote === NO_QUOTE || usual.faulty === 0) return []
    return [this.sample(quote, usual.dialect.escape, true)]
  }

  has(character: string): boolean {
    return this.#text.includes(character)
  }

  /** At the edge of a field, that is. */
  get mayHaveApostrophes(): boolean {
    this.#mayHaveApostrophes ??= this.given.escape !== APOSTROPHE && this.has("'") && this.#hasAtEdge()
    return this.#mayHaveApostrophes
  }

  #hasAtEdge(): boolean {
    const delimiter = String.fromCharCode(this.delimiter)
    const edges = [`'${delimiter}`, `${delimiter}'`, `${delimiter} '`, "'\n", "\n'", "'\r"]
    return edges.some((edge) => this.has(edge))
  }

  /** A backslash escapes only where quotes are misplaced otherwise; how many fields there are does not matter. */
  bestEscape(quote: number, trim = this.given.trim): { sample: Sample; doubts: Doubt[] } {
    const [doubled, backslash] = this.#escaped(quote).map(({ dialect }) =>
      this.sample(quote, dialect.escape, trim),
    ) as [Sample, Sample | undefined]
    if (!backslash || backslash.faulty >= doubled.faulty) return { sample: doubled, doubts: [] }
    if (backslash.faulty < doubled.faulty / 4) return { sample: backslash, doubts: [] }
    const bad = ({ faulty, records }: Sample) => `${faulty} of ${records.length} records`
    const text = `not sure of the escape: ${bad(doubled)} are bad where quotes are doubled, ${bad(backslash)} with a backslash; --escape decides`
    return { sample: doubled, doubts: [{ text, better: { escape: '\\' } }] }
  }
}

/**
 * The quotes that go with a delimiter.
 * @param text all of the text that is at hand, more than the samples hold
 */
export function chooseQuotes(quotings: Quotings, text: Buffer): { sample: Sample; doubts: Doubt[] } {
  const { given } = quotings
  const usual = quotings.bestEscape(given.quote ?? DOUBLE_QUOTE)
  const { sample } = usual
  if (given.quote !== undefined) return { sample, doubts: [...usual.doubts, ...blanks(quotings, sample)] }
  if (areText(quotings, sample, text)) {
    const { without } = quotings
    const stray = `${sample.faulty} of ${sample.records.length} records have quotes where none can be`
    const doubt = `not sure of the quote: ${stray}, so all of them are taken for text (none); --quote decides`
    return { sample: without, doubts: [{ text: doubt }, ...apostrophes(quotings, without)] }
  }
  const other = makesSenseOf(quotings, sample)
  if (other) {
    const counts = `${other.quoted} of ${other.records.length} records have a field in apostrophes`
    const doubt = `not sure of the quote: ${counts}, taken for quotes, because the file makes no sense without them; --quote decides`
    return { sample: other, doubts: [{ text: doubt }] }
  }
  const doubts = [
    ...usual.doubts,
    ...blanks(quotings, sample),
    ...glued(quotings, sample),
    ...pairs(quotings, sample),
    ...whole(quotings, sample),
    ...apostrophes(quotings, sample),
  ]
  return { sample, doubts }
}

/**
 * Whether double quotes are text: most of them stand where none can be. Not between commas: there such a record is bad,
 * because a file with commas that has quotes in its text would have to quote them.
 */
function areText({ delimiter, given, without }: Quotings, usual: Sample, text: Buffer): boolean {
  if (delimiter === COMMA || usual.faulty === 0) return false
  if (usual.needed > 0 || usual.quoted >= usual.faulty) return false
  const { fields } = shapeOf({ records: leadIn(without, given).records })
  if (fitOf(shapeOf(without, fields)) <= fitOf(shapeOf(usual, fields))) return false
  return usual.quoted > 0 || !hasQuotedFields(text, delimiter)
}

/** Whether some field further on stands between quotes. */
function hasQuotedFields(text: Buffer, delimiter: number): boolean {
  const edges = [Buffer.of(delimiter, DOUBLE_QUOTE), Buffer.of(0x0a, DOUBLE_QUOTE)]
  const ends = [
    Buffer.of(DOUBLE_QUOTE, delimiter),
    Buffer.of(DOUBLE_QUOTE, 0x0a),
    Buffer.of(DOUBLE_QUOTE, 0x0d),
  ]
  return edges.some((edge) => text.includes(edge)) && ends.some((end) => text.includes(end))
}

/** Which part of the records has as many fields, at most, where apostrophes are needed to make sense of a file. */
const NO_SENSE = 0.75

/** Apostrophes are quotes only where the file makes no sense otherwise: a delimiter or a line break stands between them. */
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
    other.faulty === 0 && other.quoted >= NO_SENSE * (other.records.length - 1) && fitOf(after) === 1
  return isSound || fitOf(before) < NO_SENSE || !headerFits ? other : undefined
}

function apostrophes(quotings: Quotings, usual: Sample): Doubt[] {
  if (!quotings.mayHaveApostrophes) return []
  const plain = quotings.sample(APOSTROPHE)
  const trimmed = quotings.sample(APOSTROPHE, APOSTROPHE, true)
  const isTrimmed = !quotings.given.trim && plain.faulty > trimmed.faulty && trimmed.quoted > 0
  const { records, dialect } = isTrimmed ? trimmed : plain
  // Those over line breaks are mostly from one apostrophe of the text to another.
  const isPlain = ({ bytes, fields }: SampleRecord): boolean =>
    bytes.includes(dialect.quote) &&
    fields.some(({ quoted }) => quoted) &&
    !bytes.includes('\n') &&
    !bytes.includes('\r')
  const quoted = records.filter(isPlain).length
  if (quoted < Math.min(2, usual.records.length) || quoted < records.length / 4) return []
  const flags = isTrimmed ? '--quote "\'" --trim decides' : '--quote decides'
  const counts = `${quoted} of ${records.length} records have a field in apostrophes`
  return [{ text: `not sure of the quote: ${counts}, taken for text; ${flags}` }]
}

function blanks(quotings: Quotings, usual: Sample): Doubt[] {
  const { quote, escape: mark, trim } = usual.dialect
  if (trim || usual.faulty === 0 || quote === NO_QUOTE) return []
  const trimmed = quotings.sample(quote, mark, true)
  if (trimmed.faulty > usual.faulty / 2 || trimmed.quoted <= usual.quoted) return []
  return [
    { text: 'blanks stand between delimiters and quotes; --trim leaves them out', better: { trim: true } },
  ]
}

/** Backslashes in quoted fields that always come in pairs, as where they are escaped. */
function pairs(quotings: Quotings, { records, dialect }: Sample): Doubt[] {
  if (quotings.given.escape !== undefined || dialect.escape !== dialect.quote) return []
  if (!quotings.has('\\')) return []
  const fields = records.flatMap((record) => record.fields.filter(({ quoted }) => quoted))
  const runs = fields.flatMap(({ bytes }) => Buffer.from(bytes).toString('latin1').match(/\\+/g) ?? [])
  if (runs.length === 0 || runs.some(({ length }) => length % 2 === 1)) return []
  const text =
    "not sure of the escape: backslashes in quotes come in pairs and are taken as they stand; --escape '\\' takes each pair for one"
  return [{ text }]
}

/** Quotes around each line as a whole. */
function whole({ without, delimiter }: Quotings, usual: Sample): Doubt[] {
  const [before, after] = [shapeOf(usual), shapeOf(without)]
  if (before.fields !== 1 || usual.quoted < 2 || usual.quoted < 0.9 * usual.records.length) return []
  if (after.fields < 2 || fitOf(after) < 0.9 || after.first !== after.fields) return []
  const text = `not sure of the quote: each line stands in quotes as a whole and is taken for one column, without quotes ${nameOf(delimiter)} gives ${after.fields} fields; --quote none decides`
  return [{ text }]
}

/** Quotes that close only some lines further on, where each of these lines would be a record by itself. */
function glued({ without }: Quotings, usual: Sample): Doubt[] {
  const { fields } = shapeOf(usual)
  if (fields < 2 || without.records.length <= usual.records.length) return []
  if (fitOf(shapeOf(without, fields)) < 1) return []
  const [record] = usual.records.filter(({ bytes }) => bytes.includes('\n') || bytes.includes('\r'))
  if (!record) return []
  const text = `not sure of the quote: a field that opens in line ${record.line} goes on over lines that would be records by themselves; --quote none takes quotes for text`
  return [{ text }]
}
