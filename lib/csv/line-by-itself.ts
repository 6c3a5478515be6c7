import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'

/**
 * Rule 6 of docs/csv.md: the lines in a quoted field, read once more as if it had not been opened. Where they are sound
 * records with as many fields as the header, it was not meant to be.
 */

/** Bytes, and what their records should look like. */
export interface Layout {
  readonly bytes: Uint8Array
  readonly dialect: Dialect
  /** Fields of a record; more are none if they are empty and unquoted. */
  readonly columns: number
}

const LF = 0x0a
const CR = 0x0d

/** What is read cannot be a record, or none that has as many fields as it should. */
const UNFIT = -1

/**
 * How many records there are, if each is sound and has as many fields as it should.
 * @param from the start of a line
 * @param to the start of another
 * @returns a negative number if one is not, or if the last one goes on behind `to`
 */
export function countSound(layout: Layout, from: number, to: number): number {
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

/** Whether a line is a record with as many fields as it should have, when its stray quotes are text. */
export function isRecordWithStrays(layout: Layout, from: number, to: number): boolean {
  return readRecord(layout, from, to, true).fields > 0
}

/**
 * Reads a record up to its line end, or `to`.
 * @returns as many fields as it should have, 0 if it is blank, or UNFIT
 */
function readRecord(
  { bytes, dialect, columns }: Layout,
  from: number,
  to: number,
  mayStray: boolean,
): { end: number; fields: number } {
  const { delimiter, quote } = dialect
  let fields = 0
  /** Number of the last one with something in it. */
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

/** Where the delimiter or line end stands behind a quoted field; UNFIT if it is not closed, or has a bad quote. */
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
