import type { Dialect } from './scan.js'

/** A field as it stands in a record. */
export interface RawField {
  /** Without the quotes around it. */
  readonly bytes: Uint8Array
  /** It stood in quotes: a doubled quote in it is one. */
  readonly quoted: boolean
}

const LF = 0x0a
const CR = 0x0d
const NONE = -1

/**
 * The fields of a record whose quotes are misplaced, as a person would read it: what can be a pair of quotes
 * around a field is one, any other quote is text.
 *
 * @param record as the scan cut it out, without its line end
 * @returns undefined if a quote opens a field that nothing closes
 */
export function splitLeniently(record: Uint8Array, dialect: Dialect): RawField[] | undefined {
  const { delimiter, quote } = dialect
  const fields: RawField[] = []
  for (let start = 0; start <= record.length; ) {
    const opens = record[start] === quote
    const close = opens ? closingQuote(record, start, dialect) : NONE
    if (close !== NONE) {
      fields.push({ bytes: record.subarray(start + 1, close), quoted: true })
      start = close + 2
      continue
    }
    const next = record.indexOf(delimiter, start)
    const end = next === -1 ? record.length : next
    // Nothing but the opening quote: what it opened may go on in the records behind, and is not to be guessed.
    if (opens && !hasLoneQuote(record, start + 1, end, quote)) return undefined
    fields.push({ bytes: record.subarray(start, end), quoted: false })
    start = end + 1
  }
  return fields
}

/** The record written anew, properly quoted, without a line end. */
export function writeFields(
  fields: readonly RawField[],
  { delimiter, quote }: Dialect,
  nullWord: Uint8Array | undefined,
): Buffer {
  // Each byte doubled at most, two quotes and a delimiter a field.
  const most = fields.reduce((sum, { bytes }) => sum + 2 * bytes.length + 3, 0)
  const written = Buffer.allocUnsafe(most)
  let to = 0
  for (const [index, { bytes, quoted }] of fields.entries()) {
    if (index > 0) written[to++] = delimiter
    if (!quoted && isNull(bytes, nullWord)) continue
    written[to++] = quote
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      written[to++] = byte
      if (byte !== quote) continue
      written[to++] = quote
      if (quoted && bytes[at + 1] === quote) at += 1
    }
    written[to++] = quote
  }
  return written.subarray(0, to)
}

/** The quote that closes the field which opens at `open`: rules 3 and 4 of docs/csv.md. */
function closingQuote(record: Uint8Array, open: number, { delimiter, quote }: Dialect): number {
  for (let at = open + 1; at < record.length; at += 1) {
    if (record[at] !== quote) continue
    const next = record[at + 1]
    if (next === quote) {
      at += 1
    } else if (next === undefined || next === delimiter) {
      return at
    } else {
      const before = record[at - 1]
      if (before === delimiter || before === LF || before === CR) return NONE
    }
  }
  return NONE
}

function hasLoneQuote(record: Uint8Array, from: number, end: number, quote: number): boolean {
  for (let at = from; at < end; at += 1) {
    if (record[at] !== quote) continue
    if (at + 1 === end || record[at + 1] !== quote) return true
    at += 1
  }
  return false
}

function isNull(bytes: Uint8Array, nullWord: Uint8Array | undefined): boolean {
  return bytes.length === 0 || (nullWord !== undefined && Buffer.compare(bytes, nullWord) === 0)
}
