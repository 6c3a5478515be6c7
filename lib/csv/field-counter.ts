import { closingQuote, type Dialect } from './dialect.js'
import { endWithoutSurplus } from './surplus.js'

const LF = 0x0a
const CR = 0x0d

/** Counts fields of records without a fault, in which every quote that is not escaped toggles "inside quotes". */
export class FieldCounter {
  readonly #dialect: Dialect
  readonly #delimiter: number
  readonly #quote: number
  /** No byte above this has a meaning, so one comparison passes most bytes. */
  readonly #highest: number

  constructor(dialect: Dialect) {
    const { delimiter, quote } = dialect
    this.#dialect = dialect
    this.#delimiter = delimiter
    this.#quote = quote
    this.#highest = Math.max(delimiter, quote, CR)
  }

  /** @param record without its line end */
  count(record: Uint8Array): number {
    const delimiter = this.#delimiter
    const quote = this.#quote
    let fields = 1
    for (let at = 0; at < record.length; at += 1) {
      const byte = record[at]
      if (byte === quote) at = closingQuote(record, at, this.#dialect)
      else if (byte === delimiter) fields += 1
    }
    return fields
  }

  /**
   * Whether each record has a field for every column, and exactly this number of surplus fields.
   * @param records complete ones with their line ends, without blank lines; the last may lack its end
   */
  allHave(columns: number, records: Uint8Array, surplus = 0): boolean {
    const all = columns + surplus
    const delimiter = this.#delimiter
    const quote = this.#quote
    const highest = this.#highest
    const end = records.length
    let fields = 1
    let start = 0
    for (let at = 0; at < end; at += 1) {
      const byte = records[at] as number
      if (byte > highest) continue
      if (byte === quote) {
        at = closingQuote(records, at, this.#dialect)
      } else if (byte === delimiter) {
        fields += 1
      } else if (byte === LF || byte === CR) {
        if (fields !== all || !this.#endsIn(surplus, records, at)) return false
        fields = 1
        if (byte === CR && records[at + 1] === LF) at += 1
        start = at + 1
      }
    }
    return start === end || (fields === all && this.#endsIn(surplus, records, end))
  }

  #endsIn(surplus: number, records: Uint8Array, end: number): boolean {
    return surplus === 0 || endWithoutSurplus(records, end, surplus, this.#dialect) !== undefined
  }
}
