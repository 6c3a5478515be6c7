import { slotsFor, TextList } from './text-list.js'

/** The most keys in memory: some 20 MB with their texts. */
export const MOST_KEYS = 2 ** 19
export const MOST_TEXT = 8 * 2 ** 20

/** Keys that are compared at a time, on average: so few that their hash table fits into the processor's cache. */
const KEYS_PER_PART = 2 ** 13

/** The indexes of keys whose hashes have the same bits in one place, in their order, and these hashes. */
export interface Part {
  readonly indexes: Int32Array
  readonly hashes: Int32Array
}

/**
 * Keys in the order of their records, and which records repeat one. Exact: keys with the same hash are compared byte by byte.
 *
 * Keys are only listed while the sources are read; a hash table of them all would miss the processor's cache with each key.
 * Later they are divided by their hashes, and each part has a table of its own ("radix partitioning": Boncz, Manegold, Kersten,
 * Database Architecture Optimized for the New Bottleneck: Memory Access, 1999).
 */
export class KeyList extends TextList {
  /** The memory of what `divide` returns, which is used again each time. */
  #divided = { indexes: new Int32Array(0), hashes: new Int32Array(0) }

  constructor() {
    super(MOST_KEYS, MOST_TEXT)
  }

  /** The ordinal of the record of each key. */
  get records(): Int32Array {
    return this.numbers
  }

  /**
   * Divides the keys by bits of their hashes. The parts are valid until it is called again.
   * @param count of the parts; a power of two
   * @param shift the lowest of these bits
   */
  divide(count: number, shift: number): Part[] {
    const partOf = (hash: number): number => (hash >>> shift) & (count - 1)
    const all = this.hashes.subarray(0, this.count)

    const starts = new Int32Array(count + 1)
    // By index: before V8 has compiled it, an iterator would make an object for each hash.
    for (let index = 0; index < all.length; index += 1) {
      const part = partOf(all[index] as number)
      starts[part + 1] = (starts[part + 1] as number) + 1
    }
    for (let part = 0; part < count; part += 1) {
      starts[part + 1] = (starts[part + 1] as number) + (starts[part] as number)
    }
    const next = starts.slice()
    if (this.#divided.indexes.length < all.length) {
      const { length } = this.hashes
      this.#divided = { indexes: new Int32Array(length), hashes: new Int32Array(length) }
    }
    const { indexes, hashes } = this.#divided
    for (let index = 0; index < all.length; index += 1) {
      const hash = all[index] as number
      const place = next[partOf(hash)] as number
      next[partOf(hash)] = place + 1
      indexes[place] = index
      hashes[place] = hash
    }
    return Array.from({ length: count }, (_, part) => {
      const [start, end] = [starts[part], starts[part + 1]]
      return { indexes: indexes.subarray(start, end), hashes: hashes.subarray(start, end) }
    })
  }

  /**
   * The records that lose to another one with the same key.
   * @param lastWins whether the last record of a key wins, not the first
   * @param out the records that do not count
   */
  losers(lastWins: boolean, out: ReadonlySet<number>): number[] {
    const losers: number[] = []
    let count = 1
    while (count * KEYS_PER_PART < this.count) count *= 2
    // Neither the lowest bits, which choose the slot, nor the highest ones, which are the same in a partition (KeyStore).
    const parts = this.divide(count, 16)
    // The same memory for all parts.
    const slots = new Int32Array(2 * slotsFor(Math.max(...parts.map(({ indexes }) => indexes.length))))
    for (const part of parts) this.#compare(part, slots, lastWins, out, losers)
    return losers
  }

  /** With an open-addressing hash table with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L). */
  #compare(
    { indexes, hashes }: Part,
    /** For each slot a hash, and from 1 the index of the key that has won so far. */
    slots: Int32Array,
    lastWins: boolean,
    out: ReadonlySet<number>,
    losers: number[],
  ): void {
    const { records } = this
    const mask = slotsFor(indexes.length) - 1
    slots.fill(0, 0, 2 * mask + 2)
    for (let place = 0; place < indexes.length; place += 1) {
      const index = indexes[place] as number
      const hash = hashes[place] as number
      if (out.size > 0 && out.has(records[index] as number)) continue
      let slot = hash & mask
      let winner = slots[2 * slot + 1] as number
      while (winner !== 0 && (slots[2 * slot] !== hash || !this.isSame(winner - 1, index))) {
        slot = (slot + 1) & mask
        winner = slots[2 * slot + 1] as number
      }
      if (winner !== 0) losers.push(records[lastWins ? winner - 1 : index] as number)
      if (winner !== 0 && !lastWins) continue
      slots[2 * slot] = hash
      slots[2 * slot + 1] = index + 1
    }
  }
}
