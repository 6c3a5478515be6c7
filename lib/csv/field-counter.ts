import type { Dialect } from './scan.js'

const LF = 0x0a
const CR = 0x0d

/** Counts fields where the scan found no fault, so that every quote toggles. */
export class FieldCounter {
  readonly #delimiter: number
  readonly #quote: number
  /** No byte above means anything: most of a text is told by one comparison. */
  readonly #highest: number

  constructor({ delimiter, quote }: Dialect) {
    this.#delimiter = delimiter
    this.#quote = quote
    this.#highest = Math.max(delimiter, quote, CR)
  }

  /** @param record without its line end */
  count(record: Uint8Array): number {
    const delimiter = this.#delimiter
    const quote = this.#quote
    let fields = 1
    let quoted = false
    for (let at = 0; at < record.length; at += 1) {
      const byte = record[at]
      if (byte === quote) quoted = !quoted
      else if (byte === delimiter && !quoted) fields += 1
    }
    return fields
  }

  /** @param records whole ones with their line ends, without blank lines; the last may lack its end */
  allHave(columns: number, records: Uint8Array): boolean {
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
        do at += 1
        while (at < end && records[at] !== quote)
      } else if (byte === delimiter) {
        fields += 1
      } else if (byte === LF || byte === CR) {
        if (fields !== columns) return false
        fields = 1
        if (byte === CR && records[at + 1] === LF) at += 1
        start = at + 1
      }
    }
    return start === end || fields === columns
  }
}
