import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'

/** A field as it stands in a record. */
export interface RawField {
  /** Without the quotes around it. */
  readonly bytes: Uint8Array
  /** It stood in quotes: an escape in it is no text. */
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
    start = behindBlanks(record, start, dialect)
    const opens = record[start] === quote
    const close = opens ? closingQuote(record, start, dialect) : NONE
    if (close !== NONE) {
      fields.push({ bytes: record.subarray(start + 1, close), quoted: true })
      start = behindBlanks(record, close + 1, dialect) + 1
      continue
    }
    const next = record.indexOf(delimiter, start)
    const end = next === -1 ? record.length : next
    // Nothing but the opening quote: what it opened may go on in the records behind, and is not to be guessed.
    if (opens && !hasLoneQuote(record, start, end, dialect)) return undefined
    fields.push({ bytes: withoutBlanks(record.subarray(start, end), dialect), quoted: false })
    start = end + 1
  }
  return fields
}

/** The record written anew, properly quoted, without a line end. */
export function writeFields(
  fields: readonly RawField[],
  dialect: Dialect,
  nullWord: Uint8Array | undefined,
): Buffer {
  const { delimiter, quote, escape: mark } = dialect
  // Each byte doubled at most, two quotes and a delimiter a field.
  const most = fields.reduce((sum, { bytes }) => sum + 2 * bytes.length + 3, 0)
  const written = Buffer.allocUnsafe(most)
  let to = 0
  for (const [index, field] of fields.entries()) {
    if (index > 0) written[to++] = delimiter
    if (!field.quoted && isNull(field.bytes, nullWord)) continue
    written[to++] = quote
    for (const byte of textOf(field, dialect)) {
      if (byte === quote || byte === mark) written[to++] = mark
      written[to++] = byte
    }
    written[to++] = quote
  }
  return written.subarray(0, to)
}

/** What a field says. */
export function textOf({ bytes, quoted }: RawField, { quote, escape: mark }: Dialect): Buffer {
  if (!quoted) return Buffer.from(bytes)
  const text = Buffer.allocUnsafe(bytes.length)
  let to = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const next = bytes[at + 1]
    // What is escaped stands behind an escape that is no text.
    if (bytes[at] === mark && (next === quote || next === mark)) at += 1
    text[to++] = bytes[at] as number
  }
  return text.subarray(0, to)
}

/** The quote that closes the field which opens at `open`: rules 3 and 4 of docs/csv.md. */
function closingQuote(record: Uint8Array, open: number, dialect: Dialect): number {
  const { delimiter, quote } = dialect
  const ownEscape = hasOwnEscape(dialect)
  for (let at = open + 1; at < record.length; at += 1) {
    if (record[at] !== quote || (ownEscape && isEscaped(record, at, dialect))) continue
    const next = record[behindBlanks(record, at + 1, dialect)]
    if (!ownEscape && record[at + 1] === quote) {
      at += 1
    } else if (next === undefined || next === delimiter) {
      return at
    } else {
      const before = record[beforeBlanks(record, at - 1, dialect)]
      if (before === delimiter || before === LF || before === CR) return NONE
    }
  }
  return NONE
}

/** Whether there is a quote behind the opening one that is not escaped. */
function hasLoneQuote(record: Uint8Array, open: number, end: number, dialect: Dialect): boolean {
  const { quote } = dialect
  const ownEscape = hasOwnEscape(dialect)
  for (let at = open + 1; at < end; at += 1) {
    if (record[at] !== quote) continue
    if (ownEscape ? !isEscaped(record, at, dialect) : at + 1 === end || record[at + 1] !== quote) return true
    if (!ownEscape) at += 1
  }
  return false
}

function behindBlanks(record: Uint8Array, from: number, dialect: Dialect): number {
  let at = from
  if (dialect.trim) while (isBlank(record[at], dialect)) at += 1
  return at
}

function beforeBlanks(record: Uint8Array, from: number, dialect: Dialect): number {
  let at = from
  if (dialect.trim) while (isBlank(record[at], dialect)) at -= 1
  return at
}

function withoutBlanks(field: Uint8Array, dialect: Dialect): Uint8Array {
  return field.subarray(0, beforeBlanks(field, field.length - 1, dialect) + 1)
}

function isNull(bytes: Uint8Array, nullWord: Uint8Array | undefined): boolean {
  return bytes.length === 0 || (nullWord !== undefined && Buffer.compare(bytes, nullWord) === 0)
}
