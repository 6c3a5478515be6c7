/**
 * The records of a range that are not staged, because they lose to another one with the same key: for each the offsets at
 * which it begins and ends, counted from the start of the range, ascending. Plain data, because it is sent to a worker.
 */
export type OmittedRecords = Int32Array

/** Finds the omitted records of a range by offsets in its source. */
export class Omitted {
  readonly #start: number
  readonly #parts: OmittedRecords

  /** @param start the offset of the range */
  constructor({ start, omitted }: { readonly start: number; readonly omitted?: OmittedRecords | undefined }) {
    this.#start = start
    this.#parts = omitted ?? new Int32Array(0)
  }

  get count(): number {
    return this.#parts.length / 2
  }

  /** Whether the record at this offset is omitted. */
  has(offset: number): boolean {
    return this.overlaps(offset, offset + 1)
  }

  /** Whether any of the bytes between two offsets belongs to an omitted record. */
  overlaps(from: number, to: number): boolean {
    const index = this.#firstEndingBehind(from)
    return index < this.count && this.#beginOf(index) < to
  }

  /**
   * Moves what is not omitted to the beginning of a chunk.
   * @param offset of the chunk
   * @param leaveOut called with each part that is omitted
   * @returns the length of the rest
   */
  removeFrom(chunk: Uint8Array, offset: number, leaveOut: (part: Uint8Array) => void): number {
    const end = offset + chunk.length
    let kept = 0
    let from = offset
    for (let index = this.#firstEndingBehind(offset); index < this.count; index += 1) {
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
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#endOf(middle) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
