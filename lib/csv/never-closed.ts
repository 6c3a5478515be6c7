import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'
import type { ScanOptions } from './scan-types.js'
import { nextLineEnd } from './special-bytes.js'

/**
 * Rule 6 of docs/csv.md: the lines inside a quoted field are read again as if the field had not opened. If they are sound
 * records with as many fields as the header, the quote that opened the field was never closed.
 */

/** Bytes, and what their records should look like. */
interface Layout {
  readonly bytes: Uint8Array
  readonly dialect: Dialect
  /** Fields of a record; surplus fields that are empty and unquoted do not count. */
  readonly columns: number
}

const LF = 0x0a
const CR = 0x0d

/** The bytes are no record with the expected number of fields. */
const UNFIT = -1

/**
 * Whether the first unescaped quote of a quoted field, on a later line than its opening one, is text; if not, the field was
 * never closed. No line is read for two fields: where the quotes before `at` are doubled or escaped, the lines between
 * hold no other field to judge.
 *
 * @param open the quote that opens the field
 * @param at the unescaped quote
 * @returns undefined if bytes that are not here yet decide
 */
export function isUnescapedText(
  bytes: Uint8Array,
  { dialect, columns, maxRecord, final }: ScanOptions,
  open: number,
  at: number,
): boolean | undefined {
  if (columns === undefined) return true
  const layout = { bytes, dialect, columns }
  const from = nextLineEnd(bytes, open, at)
  const isCrlf = bytes[from] === CR && bytes[from + 1] === LF
  const last = lineStart(bytes, at)
  const sound = countSound(layout, isCrlf ? from + 2 : from + 1, last)
  if (sound !== 0) return sound < 0
  const limit = last + maxRecord
  const end = nextLineEnd(bytes, at, Math.min(limit + 1, bytes.length))
  if (end === bytes.length && end <= limit && !final) return undefined
  return end > limit || readRecord(layout, last, end, true).fields <= 0
}

function lineStart(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at - 1] !== LF && bytes[at - 1] !== CR) at -= 1
  return at
}

/**
 * The number of records, if each is sound and has the expected number of fields.
 * @param from the start of a line
 * @param to the start of another
 * @returns a negative number if one is not, or if the last one continues after `to`
 */
function countSound(layout: Layout, from: number, to: number): number {
  const { bytes } = layout
  let records = 0
  for (let at = from; at < to; ) {
    const { end, fields } = readRecord(layout, at, to, false)
    if (fields === UNFIT) return UNFIT
    if (fields > 0) records += 1
    at = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1
  }
  return records
}

/**
 * Reads a record up to its line end, or `to`.
 * @param mayStray whether quotes in unquoted fields are text
 * @returns the expected number of fields, 0 if the record is blank, or UNFIT
 */
function readRecord(
  { bytes, dialect, columns }: Layout,
  from: number,
  to: number,
  mayStray: boolean,
): { end: number; fields: number } {
  const { delimiter, quote } = dialect
  let fields = 0
  /** The number of the last field that is not empty. */
  let filled = 0
  for (let at = from; ; at += 1) {
    at = behindBlanks(bytes, at, to, dialect)
    fields += 1
    if (at < to && bytes[at] === quote) {
      filled = fields
      at = behindQuoted(bytes, at, to, dialect)
      if (at === UNFIT) return { end: to, fields: UNFIT }
    } else {
      for (; at < to && !endsField(bytes[at] as number, delimiter); at += 1) {
        if (bytes[at] === quote && !mayStray) return { end: to, fields: UNFIT }
        filled = fields
      }
    }
    if (at < to && bytes[at] === delimiter) continue
    if (filled === 0) return { end: at, fields: 0 }
    const fits = fields === columns || (fields > columns && filled <= columns)
    return { end: at, fields: fits ? columns : UNFIT }
  }
}

/** The delimiter or line end after a quoted field; UNFIT if the field is not closed, or has a misplaced quote. */
function behindQuoted(bytes: Uint8Array, open: number, to: number, dialect: Dialect): number {
  const { delimiter, quote } = dialect
  const ownEscape = hasOwnEscape(dialect)
  for (let at = open + 1; at < to; at += 1) {
    if (bytes[at] !== quote || (ownEscape && isEscaped(bytes, at, dialect))) continue
    if (!ownEscape && at + 1 < to && bytes[at + 1] === quote) {
      at += 1
      continue
    }
    const behind = behindBlanks(bytes, at + 1, to, dialect)
    return behind === to || endsField(bytes[behind] as number, delimiter) ? behind : UNFIT
  }
  return UNFIT
}

function behindBlanks(bytes: Uint8Array, from: number, to: number, dialect: Dialect): number {
  let at = from
  if (dialect.trim) while (at < to && isBlank(bytes[at], dialect)) at += 1
  return at
}

function endsField(c: number, delimiter: number): boolean {
  return c === delimiter || c === LF || c === CR
}
