import { type Dialect, hasOwnEscape, isBlank, isEscaped } from './dialect.js'

/** Instead of a position or a byte: bytes that are not here yet decide. */
export const UNCERTAIN = -2
/** Instead of the byte after the last one. */
export const END_OF_SOURCE = -3
/** Instead of the byte after a quote that is text. */
export const ESCAPED = -4
/** Instead of a byte that gives the quote before it no meaning. */
const ANY = 0

const LF = 10
const CR = 13

/** Whether a quote before this byte closes a field. */
export function endsField(c: number, delimiter: number): boolean {
  return c === delimiter || c === LF || c === CR || c === END_OF_SOURCE
}

/**
 * What stands around quotes in dialects where a quote's two neighbours do not decide: those with an escape character, and
 * those that leave out blanks.
 */
export class QuoteContext {
  readonly #bytes: Uint8Array
  readonly #dialect: Dialect
  /** Instead of the byte at the end of `bytes`. */
  readonly #beyond: typeof UNCERTAIN | typeof END_OF_SOURCE

  constructor(bytes: Uint8Array, dialect: Dialect, beyond: typeof UNCERTAIN | typeof END_OF_SOURCE) {
    this.#bytes = bytes
    this.#dialect = dialect
    this.#beyond = beyond
  }

  /**
   * Stands for the byte after the quote at `at` in a quoted field, so that the scan can judge the quote by it alone.
   * @param limit where the longest record would end
   */
  behind(at: number, limit: number): number {
    const bytes = this.#bytes
    const dialect = this.#dialect
    const { delimiter, quote } = dialect
    const next = at + 1 < bytes.length ? (bytes[at + 1] as number) : this.#beyond
    if (hasOwnEscape(dialect)) {
      if (isEscaped(bytes, at, dialect)) return ESCAPED
    } else if (next === quote) return quote
    if (!dialect.trim) return next === quote ? ANY : next
    const behind = this.behindBlanks(at + 1, limit)
    if (behind === quote) return ANY
    // Not a line end: the record does not end at `at + 1`, but after the blanks.
    return endsField(behind, delimiter) ? delimiter : behind
  }

  /** The first byte from `from` on that is no blank; a line end if that is too far away for the record to fit. */
  behindBlanks(from: number, limit: number): number {
    const bytes = this.#bytes
    let at = from
    while (at < limit && isBlank(bytes[at], this.#dialect)) at += 1
    if (at >= bytes.length) return this.#beyond
    return isBlank(bytes[at], this.#dialect) ? LF : (bytes[at] as number)
  }

  /** Whether only blanks that are left out stand between `at` and the delimiter or line end before it, or `start`. */
  isBehindBlanks(at: number, start: number): boolean {
    const dialect = this.#dialect
    if (!dialect.trim) return false
    let before = at - 1
    while (before >= start && isBlank(this.#bytes[before], dialect)) before -= 1
    return before < start || endsField(this.#bytes[before] as number, dialect.delimiter)
  }

  /** Whether one of the quotes of a quoted field is neither doubled nor escaped. */
  hasUnescaped(from: number, end: number): boolean {
    const bytes = this.#bytes
    const { quote } = this.#dialect
    for (let at = from; at < end; at += 1) {
      if (bytes[at] !== quote) continue
      if (hasOwnEscape(this.#dialect)) {
        if (!isEscaped(bytes, at, this.#dialect)) return true
      } else if (bytes[++at] !== quote) return true
    }
    return false
  }

  /**
   * Where to continue in the field that opens at `open`: at `explored`, before which no quote closes a field, except
   * quotes right behind the opening one.
   */
  leap(open: number, limit: number, explored: number): number {
    const bytes = this.#bytes
    const { delimiter, quote, trim } = this.#dialect
    let at = open + 1
    // An escape character decides by itself, not the run of quotes.
    if (hasOwnEscape(this.#dialect)) return Math.max(at, explored)
    while (at < bytes.length && bytes[at] === quote) at += 1
    const isPaired = (at - open) % 2 === 1
    let next = at < bytes.length ? (bytes[at] as number) : END_OF_SOURCE
    if (trim) next = this.behindBlanks(at, limit)
    const closes = next === UNCERTAIN || endsField(next, delimiter)
    return !isPaired && closes ? open + 1 : Math.max(at, explored)
  }
}
