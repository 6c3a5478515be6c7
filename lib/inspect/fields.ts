import { closingQuote, type Dialect } from '../csv/dialect.js'
import { textOf } from '../csv/lenient.js'

const LF = 0x0a
const CR = 0x0d

const PLAIN = 0
const QUOTED = 1
const ESCAPED = 2

/** The text of a field: the bytes from `start` to `end`. */
export interface FieldText {
  bytes: Buffer
  start: number
  end: number
}

/**
 * Finds the fields of a good record. It keeps their positions in arrays that are reused, because there may be millions of
 * records; csv-parse, which makes a string of each field, takes four times as long.
 */
export class FieldReader {
  /** The physical line on which the next record begins. */
  line = 0
  readonly #dialect: Dialect
  readonly #columns: number
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  readonly #forms: Uint8Array
  readonly #text: FieldText = { bytes: Buffer.alloc(0), start: 0, end: 0 }
  #bytes: Buffer = Buffer.alloc(0)

  constructor(dialect: Dialect, columns: number) {
    this.#dialect = dialect
    this.#columns = columns
    this.#starts = new Float64Array(columns)
    this.#ends = new Float64Array(columns)
    this.#forms = new Uint8Array(columns)
  }

  /**
   * Reads a record that has as many fields as there are columns, and no misplaced quote.
   * @param from the offset at which it begins
   * @returns the offset of the next record
   */
  read(bytes: Buffer, from: number): number {
    const { delimiter, quote } = this.#dialect
    const length = bytes.length
    const last = this.#columns - 1
    this.#bytes = bytes
    let at = from
    for (let field = 0; field <= last; field += 1) {
      if (bytes[at] === quote) {
        const close = closingQuote(bytes, at, this.#dialect)
        this.#starts[field] = at + 1
        this.#ends[field] = close
        this.#forms[field] = this.#look(bytes, at + 1, close)
        at = close + 1
      } else {
        this.#starts[field] = at
        for (; at < length; at += 1) {
          const byte = bytes[at]
          if (byte === delimiter || byte === LF || byte === CR) break
        }
        this.#ends[field] = at
        this.#forms[field] = PLAIN
      }
      if (field < last) at += 1
    }
    // Surplus fields.
    while (bytes[at] === delimiter) at += 1
    if (bytes[at] === CR) at += 1
    if (bytes[at] === LF) at += 1
    this.line += 1
    return at
  }

  isNull(field: number): boolean {
    return this.#forms[field] === PLAIN && this.#starts[field] === this.#ends[field]
  }

  /** Valid until the next call. */
  text(field: number): FieldText {
    const text = this.#text
    text.bytes = this.#bytes
    text.start = this.#starts[field] as number
    text.end = this.#ends[field] as number
    if (this.#forms[field] === ESCAPED) {
      const bytes = this.#bytes.subarray(text.start, text.end)
      text.bytes = textOf({ bytes, quoted: true }, this.#dialect)
      text.start = 0
      text.end = text.bytes.length
    }
    return text
  }

  /** Counts the lines in a quoted field. */
  #look(bytes: Buffer, from: number, to: number): number {
    const mark = this.#dialect.escape
    let form = QUOTED
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] as number
      if (byte === mark) form = ESCAPED
      else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.line += 1
    }
    return form
  }
}
