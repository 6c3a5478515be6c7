import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'

/** A field as it is written in a record. */
export interface RawField {
  /** Without the quotes around it. */
  readonly bytes: Uint8Array
  /** Whether it stood in quotes, so that escapes in it are no text. */
  readonly quoted: boolean
}

const LF = 0x0a
const CR = 0x0d
const NONE = -1

/**
 * The fields of a record, even if quotes are misplaced: two quotes that can enclose a field do, any other quote is text.
 *
 * @param record as the scan delimits it, without its line end
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
    // Only the opening quote: the field may continue in the next records, so its end is unknown.
    if (opens && !hasLoneQuote(record, start, end, dialect)) return undefined
    fields.push({ bytes: withoutBlanks(record.subarray(start, end), dialect), quoted: false })
    start = end + 1
  }
  return fields
}

/**
 * Writes fields as a well-formed record without a line end.
 * @param nullWord unquoted fields with this text, and empty ones, are written as NULL: empty and unquoted
 */
export function writeFields(
  fields: readonly RawField[],
  dialect: Dialect,
  nullWord: Uint8Array | undefined,
): Buffer {
  const { delimiter, quote, escape: mark } = dialect
  // At most each byte is doubled, and each field gets two quotes and a delimiter.
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

/** The text of a field, without escapes. */
export function textOf({ bytes, quoted }: RawField, { quote, escape: mark }: Dialect): Buffer {
  if (!quoted) return Buffer.from(bytes)
  const text = Buffer.allocUnsafe(bytes.length)
  let to = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const next = bytes[at + 1]
    // An escape before a quote or another escape is no text.
    if (bytes[at] === mark && (next === quote || next === mark)) at += 1
    text[to++] = bytes[at] as number
  }
  return text.subarray(0, to)
}

/** The position of the quote that closes the field which opens at `open`, or NONE: rules 3 and 4 of docs/csv.md. */
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

/** Whether a quote that is neither doubled nor escaped stands after the opening one. */
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
