/** How a text is cut into fields. Byte values, all of them ASCII. */
export interface Dialect {
  readonly delimiter: number
  readonly quote: number
  /** What makes text of a quote in a quoted field, and of itself: the quote where one is written twice. */
  readonly escape: number
  /** Blanks around a field are no part of it, be it in quotes or not. */
  readonly trim: boolean
}

const SPACE = 0x20
const TAB = 0x09

/** Whether `trim` leaves this byte out at the edges of a field; undefined is the edge of the bytes. */
export function isBlank(byte: number | undefined, { delimiter, quote }: Dialect): boolean {
  return (byte === SPACE || byte === TAB) && byte !== delimiter && byte !== quote
}

/** Whether a quote is escaped by another character, and not by a second quote. */
export function hasOwnEscape(dialect: Dialect): boolean {
  return dialect.escape !== dialect.quote
}

/**
 * Whether the quote at `at`, in a quoted field of a dialect with an escape of its own, is text because an odd number
 * of escapes stands before it. The opening quote ends their run, if nothing else does.
 */
export function isEscaped(bytes: Uint8Array, at: number, { escape: mark }: Dialect): boolean {
  let first = at
  while (bytes[first - 1] === mark) first -= 1
  return (at - first) % 2 === 1
}

/**
 * Where a quoted field of a well-formed record closes.
 * @param open its opening quote
 * @returns the closing quote, or the length of the bytes if there is none
 */
export function closingQuote(bytes: Uint8Array, open: number, dialect: Dialect): number {
  const { quote, escape: mark } = dialect
  const ownEscape = hasOwnEscape(dialect)
  let at = open + 1
  for (; at < bytes.length; at += 1) {
    if (ownEscape && bytes[at] === mark) at += 1
    else if (bytes[at] === quote && (ownEscape || bytes[at + 1] !== quote)) return at
    else if (bytes[at] === quote) at += 1
  }
  return bytes.length
}
