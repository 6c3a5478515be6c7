/** How a text is split into fields. The values are bytes, all ASCII. */
export interface Dialect {
  readonly delimiter: number
  readonly quote: number
  /** Escapes a quote in a quoted field, and itself. The quote itself if quotes are doubled. */
  readonly escape: number
  /** Whether blanks around a field, quoted or not, are removed. */
  readonly trim: boolean
}

const SPACE = 0x20
const TAB = 0x09

/** Whether `trim` removes this byte at the edges of a field; undefined stands for the edge of the bytes. */
export function isBlank(byte: number | undefined, { delimiter, quote }: Dialect): boolean {
  return (byte === SPACE || byte === TAB) && byte !== delimiter && byte !== quote
}

/** Whether another character than the quote escapes a quote. */
export function hasOwnEscape(dialect: Dialect): boolean {
  return dialect.escape !== dialect.quote
}

/**
 * Whether the quote at `at` is text because an odd number of escapes stands before it. Only for quoted fields of dialects
 * with an escape character; the opening quote ends the run of escapes at the latest.
 */
export function isEscaped(bytes: Uint8Array, at: number, { escape: mark }: Dialect): boolean {
  let first = at
  while (bytes[first - 1] === mark) first -= 1
  return (at - first) % 2 === 1
}

/**
 * The position of the quote that closes a field of a well-formed record.
 * @param open the position of its opening quote
 * @returns the length of the bytes if there is none
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
