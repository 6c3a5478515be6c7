/** More keys than this would take too much memory: some 40 MB. */
const MOST_KEYS = 2 ** 20
const MOST_TEXT = 16 * 2 ** 20

/** Records that are compared at a time, on average: so few that their hash table fits into the processor's cache. */
const RECORDS_PER_PART = 2 ** 13

/** The hash of a record without a key. */
export const NO_KEY = 0

/** Records whose keys have hashes of one group, in their order. */
interface Part {
  readonly records: Int32Array
  readonly hashes: Int32Array
}

/**
 * The keys of records in their order, and which records repeat one. Exact: keys with the same hash are compared byte by byte.
 *
 * Keys are only listed while the sources are read; a hash table of them all would miss the processor's cache with each key.
 * Later they are divided by their hashes, and each part has a table of its own ("radix partitioning": Boncz, Manegold, Kersten,
 * Database Architecture Optimized for the New Bottleneck: Memory Access, 1999).
 *
 * Memory that is never touched costs nothing, so the lists have their full size from the start.
 */
export class KeyList {
  /** Keys one after the other. The next one is to be written behind them, at `end`, before it is added. */
  readonly texts = new Uint8Array(MOST_TEXT)
  end = 0
  // Of each record, by its ordinal.
  readonly #hashes = new Int32Array(MOST_KEYS)
  /** Where its key ends, and the key of the next record begins. */
  readonly #ends = new Int32Array(MOST_KEYS)
  #count = 0

  /** Whether a list can hold the keys of so many records. */
  static canHold(records: number): boolean {
    return records <= MOST_KEYS
  }

  /** Whether there is room for one more key of at most so many bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#count < MOST_KEYS && this.end + bytes <= MOST_TEXT
  }

  /**
   * Adds the key of the next record, which was written at `end`.
   * @param length in bytes
   * @param hash of 32 bits; NO_KEY if the record has none
   */
  add(length: number, hash: number): void {
    const record = this.#count
    this.end += length
    this.#hashes[record] = hash
    this.#ends[record] = this.end
    this.#count = record + 1
  }

  /**
   * The records that lose to another one with the same key.
   * @param lastWins whether the last record of a key wins, not the first
   * @param out the records that do not count
   */
  losers(lastWins: boolean, out: ReadonlySet<number>): number[] {
    const losers: number[] = []
    const parts = this.#parts()
    // The same memory for all parts.
    const slots = new Int32Array(2 * slotsFor(Math.max(...parts.map(({ records }) => records.length))))
    for (const part of parts) this.#compare(part, slots, lastWins, out, losers)
    return losers
  }

  #parts(): Part[] {
    let count = 1
    while (count * RECORDS_PER_PART < this.#count) count *= 2
    // The upper bits, because the lower ones choose the slot.
    const partOf = (hash: number): number => (hash >>> 16) & (count - 1)
    const all = this.#hashes.subarray(0, this.#count)

    const starts = new Int32Array(count + 1)
    for (const hash of all) starts[partOf(hash) + 1] = (starts[partOf(hash) + 1] as number) + 1
    for (let part = 0; part < count; part += 1) {
      starts[part + 1] = (starts[part + 1] as number) + (starts[part] as number)
    }
    const next = starts.slice()
    const records = new Int32Array(all.length)
    const hashes = new Int32Array(all.length)
    for (let record = 0; record < all.length; record += 1) {
      const hash = all[record] as number
      const place = next[partOf(hash)] as number
      next[partOf(hash)] = place + 1
      records[place] = record
      hashes[place] = hash
    }
    return Array.from({ length: count }, (_, part) => {
      const [start, end] = [starts[part], starts[part + 1]]
      return { records: records.subarray(start, end), hashes: hashes.subarray(start, end) }
    })
  }

  /** With an open-addressing hash table with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L). */
  #compare(
    { records, hashes }: Part,
    /** For each slot a hash, and from 1 the record with that key that has won so far. */
    slots: Int32Array,
    lastWins: boolean,
    out: ReadonlySet<number>,
    losers: number[],
  ): void {
    const mask = slotsFor(records.length) - 1
    slots.fill(0, 0, 2 * mask + 2)
    for (let index = 0; index < records.length; index += 1) {
      const record = records[index] as number
      const hash = hashes[index] as number
      if (hash === NO_KEY || (out.size > 0 && out.has(record))) continue
      let slot = hash & mask
      let winner = slots[2 * slot + 1] as number
      while (winner !== 0 && (slots[2 * slot] !== hash || !this.#areEqual(winner - 1, record))) {
        slot = (slot + 1) & mask
        winner = slots[2 * slot + 1] as number
      }
      if (winner !== 0) losers.push(lastWins ? winner - 1 : record)
      if (winner !== 0 && !lastWins) continue
      slots[2 * slot] = hash
      slots[2 * slot + 1] = record + 1
    }
  }

  #areEqual(one: number, other: number): boolean {
    const { texts } = this
    const start = this.#startOf(one)
    const from = this.#startOf(other)
    const length = (this.#ends[one] as number) - start
    if (length !== (this.#ends[other] as number) - from) return false
    for (let at = 0; at < length; at += 1) if (texts[start + at] !== texts[from + at]) return false
    return true
  }

  #startOf(record: number): number {
    return record === 0 ? 0 : (this.#ends[record - 1] as number)
  }
}

/** At least twice as many as there are keys; a power of two. */
function slotsFor(keys: number): number {
  let slots = 16
  while (slots < 2 * keys) slots *= 2
  return slots
}
