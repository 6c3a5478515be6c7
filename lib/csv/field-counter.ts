import type { Dialect } from './scan.js'

const LF = 0x0a
const CR = 0x0d
const QUOTE = 1
const DELIMITER = 2
const LINE_END = 3

/** Counts fields where the scan found no fault, so that every quote toggles. */
export class FieldCounter {
  /** What each byte means, 0 for most: one look instead of four comparisons. */
  readonly #kinds = new Uint8Array(256)

  constructor({ delimiter, quote }: Dialect) {
    this.#kinds[quote] = QUOTE
    this.#kinds[delimiter] = DELIMITER
    this.#kinds[LF] = LINE_END
    this.#kinds[CR] = LINE_END
  }

  /** @param record without its line end */
  count(record: Uint8Array): number {
    const kinds = this.#kinds
    let fields = 1
    let quoted = false
    for (let at = 0; at < record.length; at += 1) {
      const kind = kinds[record[at] as number]
      if (kind === 0) continue
      if (kind === QUOTE) quoted = !quoted
      else if (kind === DELIMITER && !quoted) fields += 1
    }
    return fields
  }

  /** @param records whole ones with their line ends, without blank lines; the last may lack its end */
  allHave(columns: number, records: Uint8Array): boolean {
    const kinds = this.#kinds
    let fields = 1
    let quoted = false
    let start = 0
    for (let at = 0; at < records.length; at += 1) {
      const kind = kinds[records[at] as number]
      if (kind === 0) continue
      if (kind === QUOTE) quoted = !quoted
      else if (quoted) continue
      else if (kind === DELIMITER) fields += 1
      else {
        if (fields !== columns) return false
        fields = 1
        if (records[at] === CR && records[at + 1] === LF) at += 1
        start = at + 1
      }
    }
    return start === records.length || fields === columns
  }
}
