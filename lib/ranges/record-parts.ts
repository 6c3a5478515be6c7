/**
 * Some records of a range: for each the offsets at which it begins and ends, counted from the start of the range, ascending.
 * Plain data, because it is sent to a worker.
 */
export type RecordParts = Int32Array

/** The bytes of a record in its source. */
export interface RecordPlace {
  /** Ordinal of the source. */
  readonly source: number
  readonly start: number
  readonly end: number
}

/** Where such records are in their source. @param start the offset of the range */
export function placesOf(source: number, start: number, parts: ArrayLike<number>): RecordPlace[] {
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    source,
    start: start + (parts[2 * index] as number),
    end: start + (parts[2 * index + 1] as number),
  }))
}

export function countOf(parts: RecordParts | undefined): number {
  return parts === undefined ? 0 : parts.length / 2
}

/** Finds such records by offsets in their source. */
export class PartsOfRange {
  readonly #start: number
  readonly #parts: RecordParts

  /** @param start the offset of the range */
  constructor(start: number, parts: RecordParts = new Int32Array(0)) {
    this.#start = start
    this.#parts = parts
  }

  /** Whether the record at this offset is one of them. */
  has(offset: number): boolean {
    return this.overlaps(offset, offset + 1)
  }

  /** Whether any of the bytes between two offsets belongs to one of them. */
  overlaps(from: number, to: number): boolean {
    const index = this.#firstEndingBehind(from)
    return index < countOf(this.#parts) && this.#beginOf(index) < to
  }

  /**
   * Removes them from a chunk: what is left moves to its beginning.
   * @param offset of the chunk
   * @param leaveOut called with what is removed
   * @returns the length of the rest
   */
  removeFrom(chunk: Uint8Array, offset: number, leaveOut: (part: Uint8Array) => void): number {
    const end = offset + chunk.length
    let kept = 0
    let from = offset
    for (let index = this.#firstEndingBehind(offset); index < countOf(this.#parts); index += 1) {
      const begin = Math.max(this.#beginOf(index), offset)
      if (begin >= end) break
      const behind = Math.min(this.#endOf(index), end)
      leaveOut(chunk.subarray(begin - offset, behind - offset))
      chunk.copyWithin(kept, from - offset, begin - offset)
      kept += begin - from
      from = behind
    }
    if (kept < from - offset) chunk.copyWithin(kept, from - offset)
    return kept + end - from
  }

  #beginOf(index: number): number {
    return this.#start + (this.#parts[2 * index] as number)
  }

  #endOf(index: number): number {
    return this.#start + (this.#parts[2 * index + 1] as number)
  }

  /** By binary search. */
  #firstEndingBehind(offset: number): number {
    let [low, high] = [0, countOf(this.#parts)]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#endOf(middle) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
