import { nameOf } from './describe.js'
import { type Dialect, NO_QUOTE } from './dialect.js'
import { bomLength } from './header.js'
import { type Sample, sampleOf } from './sample.js'

/** What is settled already; undefined where the text is to tell. */
export interface Given {
  readonly delimiter?: number | undefined
  readonly quote?: number | undefined
  readonly escape?: number | undefined
  readonly trim: boolean
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** Lines in front of it that do not count. */
  readonly skipLines: number
}

export interface Detected {
  readonly dialect: Dialect
  /** What was seen where it is not sure, and which flag decides. */
  readonly notes: readonly string[]
}

const [COMMA, SEMICOLON, TAB, PIPE] = [0x2c, 0x3b, 0x09, 0x7c]
const [DOUBLE_QUOTE, APOSTROPHE, BACKSLASH] = [0x22, 0x27, 0x5c]
const LF = 0x0a
const CR = 0x0d

/** Of a delimiter that is to be believed: which part of the records has as many fields as most. */
const CONSISTENT = 0.9
/** The same where a comma is not in the header. */
const HALF = 0.5
/** Of the comma where another is believed instead. */
const INCONSISTENT = 0.75
/** Which part of the records must have a field in apostrophes, where these are to be quotes. */
const MOSTLY = 0.75

/**
 * How a text is written, judged by its first records. Cautious: comma and double quote, written twice in a field,
 * unless it is plain that it is something else. What is given is not questioned.
 *
 * @param head the first bytes of the text; they may end within a record unless it is `final`
 */
export function detectDialect(head: Uint8Array, given: Given, final: boolean): Detected {
  const text = firstRecord(head, given.skipLines)
  const delimiters = given.delimiter === undefined ? candidates(text) : [given.delimiter]
  const samples = delimiters.map((delimiter) => quoting(text, delimiter, given, final))
  const [usual, ...others] = samples as [Quoted, ...Quoted[]]
  const rival = others
    .filter(({ sample }) => splits(sample, given.header))
    .sort((a, b) => fit(b.sample) - fit(a.sample) || b.sample.fields - a.sample.fields)[0]
  const chosen = rival && isBelieved(usual.sample, rival.sample, given.header) ? rival : usual
  const notes = rival ? doubts(usual.sample, rival.sample, chosen.sample, given.header) : []
  return { dialect: chosen.sample.dialect, notes: [...notes, ...chosen.notes] }
}

/** What is not in the first record does not split it, and need not be tried. */
function candidates(text: Buffer): number[] {
  const end = text.findIndex((byte) => byte === LF || byte === CR)
  const line = end < 0 ? text : text.subarray(0, end)
  // In quotes the first record may go on behind the line.
  const isWhole = !line.includes(DOUBLE_QUOTE) && !line.includes(APOSTROPHE)
  return [COMMA, ...[SEMICOLON, TAB, PIPE].filter((byte) => !isWhole || line.includes(byte))]
}

/** A delimiter with the quotes that go with it best. */
interface Quoted {
  readonly sample: Sample
  readonly notes: readonly string[]
}

function quoting(text: Buffer, delimiter: number, given: Given, final: boolean): Quoted {
  const sample = (quote: number, mark: number, trim = given.trim) =>
    sampleOf(text, { delimiter, quote, escape: mark, trim }, final)
  const usualQuote = given.quote ?? DOUBLE_QUOTE
  const usual = bestEscape(text, usualQuote, given, sample)
  if (given.quote !== undefined || given.escape === APOSTROPHE || usual.sample.quoted > 0) {
    return { ...usual, notes: [...usual.notes, ...blanksNote(usual.sample, sample)] }
  }
  if (!text.includes(APOSTROPHE)) return { ...usual, notes: blanksNote(usual.sample, sample) }
  const other = bestEscape(text, APOSTROPHE, given, sample)
  if (areQuotes(other.sample, usual.sample)) return other
  return { ...usual, notes: [...blanksNote(usual.sample, sample), ...apostropheNote(other.sample)] }
}

type Sampler = (quote: number, mark: number, trim?: boolean) => Sample

/** A backslash escapes only where quotes are misplaced otherwise. */
function bestEscape(text: Buffer, quote: number, given: Given, sample: Sampler): Quoted {
  const doubled = sample(quote, given.escape ?? quote)
  const escaped = Buffer.of(BACKSLASH, quote)
  const open = given.escape === undefined && quote !== NO_QUOTE && doubled.dialect.delimiter !== BACKSLASH
  if (!open || unfit(doubled) === 0 || !text.includes(escaped)) return { sample: doubled, notes: [] }
  const backslash = sample(quote, BACKSLASH)
  if (unfit(backslash) < unfit(doubled) / 4) return { sample: backslash, notes: [] }
  if (unfit(backslash) >= unfit(doubled)) return { sample: doubled, notes: [] }
  const bad = (each: Sample) => `${unfit(each)} of ${each.records} records`
  const note = `not sure of the escape: ${bad(doubled)} are bad where quotes are doubled, ${bad(backslash)} with a backslash; --escape decides`
  return { sample: doubled, notes: [note] }
}

/** Apostrophes are text until nearly every record has a field in them, and none one that is misplaced. */
function areQuotes(apostrophes: Sample, usual: Sample): boolean {
  const { records, quoted, faulty } = apostrophes
  return faulty === 0 && quoted >= 2 && quoted >= MOSTLY * (records - 1) && fit(apostrophes) >= fit(usual)
}

function apostropheNote({ records, quoted, faulty }: Sample): string[] {
  if (faulty > 0 || quoted < 2 || quoted < records / 4) return []
  return [
    `not sure of the quote: ${quoted} of ${records} records have a field in apostrophes, taken for text; --quote decides`,
  ]
}

function blanksNote(usual: Sample, sample: Sampler): string[] {
  const { quote, escape: mark, trim } = usual.dialect
  if (trim || usual.faulty < usual.records / 2) return []
  const trimmed = sample(quote, mark, true)
  if (trimmed.faulty > trimmed.records / 10 || trimmed.quoted === 0) return []
  return ['blanks stand between delimiters and quotes; --trim leaves them out']
}

function isBelieved(usual: Sample, rival: Sample, header: boolean): boolean {
  if (!splits(usual, header)) return fit(rival) >= HALF
  return fit(rival) >= CONSISTENT && fit(usual) < INCONSISTENT
}

function doubts(usual: Sample, rival: Sample, chosen: Sample, header: boolean): string[] {
  const unsure = chosen === rival ? splits(usual, header) : fit(rival) >= CONSISTENT || !splits(usual, header)
  if (!unsure) return []
  const [first, second] = chosen === rival ? [rival, usual] : [usual, rival]
  return [`not sure of the delimiter: ${said(first)}, ${said(second)}; --delimiter decides`]
}

/** `semicolon gives 3 fields in 40 of 41 records`, `comma gives 1 to 7 fields` */
function said(sample: Sample): string {
  const { dialect, fields, fitting, records, least, most } = sample
  const name = nameOf(dialect.delimiter)
  if (fit(sample) < CONSISTENT && most > least) return `${name} gives ${least} to ${most} fields`
  return `${name} gives ${fields} ${fields === 1 ? 'field' : 'fields'} in ${fitting} of ${records} records`
}

/** Whether it makes columns, of the header too. */
function splits({ first, fields }: Sample, header: boolean): boolean {
  return fields > 1 && (!header || first > 1)
}

function fit({ fitting, records }: Sample): number {
  return records === 0 ? 0 : fitting / records
}

function unfit({ fitting, records }: Sample): number {
  return records - fitting
}

/** What stands behind the byte order mark and the lines to skip. */
function firstRecord(head: Uint8Array, skipLines: number): Buffer {
  let at = bomLength(head)
  for (let left = skipLines; left > 0 && at < head.length; left -= 1) {
    while (at < head.length && head[at] !== LF && head[at] !== CR) at += 1
    at += head[at] === CR && head[at + 1] === LF ? 2 : 1
  }
  while (head[at] === LF || head[at] === CR) at += 1
  return Buffer.from(head.buffer, head.byteOffset, head.length).subarray(at)
}
