import { isMixed, type Scanned, type ScanState } from '../csv/scan.js'
import type { Range } from './range.js'

/** A range whose end is not known yet: what was scanned of it so far. */
export class Cut {
  #records = 0
  #flagged = false
  #recordEnds = 0

  constructor(
    readonly source: number,
    readonly start: ScanState,
  ) {}

  /** The number of records so far. */
  get records(): number {
    return this.#records
  }

  add({ records, fault, irregular, recordEnds }: Scanned): void {
    this.#records += records
    this.#recordEnds |= recordEnds
    this.#flagged ||= irregular || fault !== undefined || isMixed(this.#recordEnds)
  }

  /** The range, if it ends at this record boundary. */
  at({ offset: end, line: nextLine }: { offset: number; line: number }): Omit<Range, 'delivered'> {
    const { offset: start, line } = this.start
    const [records, flagged] = [this.#records, this.#flagged]
    return { source: this.source, start, end, line, nextLine, records, flagged }
  }
}
