import { positionOf } from '../base/position.js'

/** A range: `record` is the ordinal of its first record among all records that were scanned. */
export interface ScannedRange {
  readonly source: number
  readonly start: number
  readonly record: number
  /** Records that were not staged, by their ordinals in the range, ascending. */
  rejected: readonly number[]
}

/** The ranges that were scanned, in their order, and where their records are staged. */
export class ScannedRanges {
  readonly #all: ScannedRange[] = []

  get all(): readonly ScannedRange[] {
    return this.#all
  }

  /** @param record the ordinal of its first record among all that were scanned */
  add(source: number, start: number, record: number): void {
    this.#all.push({ source, start, record, rejected: [] })
  }

  find(source: number, start: number): ScannedRange | undefined {
    return this.#all.find((each) => each.source === source && each.start === start)
  }

  /** The ordinals of the records that were not staged. */
  rejectedRecords(): ReadonlySet<number> {
    return new Set(this.#all.flatMap(({ record, rejected }) => rejected.map((index) => record + index)))
  }

  /** The position of a staged record: staged records are numbered from the start of their range. */
  positionOf(record: number): string {
    const range = this.#rangeOf(record)
    const index = record - range.record
    const before = countUpTo(range.rejected, (each) => each < index)
    return positionOf(range.source, range.start + index - before)
  }

  /** The last range whose first record is not behind this one. */
  #rangeOf(record: number): ScannedRange {
    return this.#all[countUpTo(this.#all, (each) => each.record <= record) - 1] as ScannedRange
  }
}

/** How many elements of a sorted list are before a place, by binary search. @param isBefore true for these, which come first */
function countUpTo<Element>(sorted: readonly Element[], isBefore: (element: Element) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(sorted[middle] as Element)) low = middle + 1
    else high = middle
  }
  return low
}
