/** The most keys in memory: some 20 MB with their texts. */
export const MOST_KEYS = 2 ** 19
export const MOST_TEXT = 8 * 2 ** 20

/** With how much memory a list begins. */
const FEWEST_KEYS = 2 ** 10
const FEWEST_TEXT = 2 ** 15

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
 *
 * The memory grows with the keys: memory that is never touched costs nothing by itself, but makes V8 collect garbage.
 */
export class KeyList {
  /** Keys one after the other. The next one is to be written behind them, at `end`, before it is added. */
  texts = new Uint8Array(FEWEST_TEXT)
  /** Of each key: its hash of 32 bits, the ordinal of its record, and where its text ends, which is where the next one begins. */
  hashes = new Int32Array(FEWEST_KEYS)
  records = new Int32Array(FEWEST_KEYS)
  ends = new Int32Array(FEWEST_KEYS)
  count = 0
  /** The memory of what `divide` returns, which is used again each time. */
  #divided = { indexes: new Int32Array(), hashes: new Int32Array() }

  get end(): number {
    return this.startOf(this.count)
  }

  /** Makes room for one more key of at most so many bytes. @returns false if the list would become too large */
  makeRoom(bytes: number): boolean {
    const end = this.end + bytes
    if (this.count < this.ends.length && end <= this.texts.length) return true
    if (this.count >= MOST_KEYS || end > MOST_TEXT) return false
    this.reserve(this.count + 1, end)
    return true
  }

  /** Makes room for so many keys in all, with texts of so many bytes. */
  reserve(keys: number, bytes: number): void {
    if (bytes > this.texts.length) {
      const texts = new Uint8Array(sizeFor(bytes, MOST_TEXT))
      texts.set(this.texts)
      this.texts = texts
    }
    if (keys <= this.ends.length) return
    const size = sizeFor(keys, MOST_KEYS)
    this.hashes = grown(this.hashes, size)
    this.records = grown(this.records, size)
    this.ends = grown(this.ends, size)
  }

  /** Adds the key that was written at `end`. @param length in bytes @param record its ordinal */
  add(length: number, hash: number, record: number): void {
    const index = this.count
    this.hashes[index] = hash
    this.records[index] = record
    this.ends[index] = this.end + length
    this.count = index + 1
  }

  clear(): void {
    this.count = 0
  }

  /** Where the text of a key begins. */
  startOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number)
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
    for (const hash of all) starts[partOf(hash) + 1] = (starts[partOf(hash) + 1] as number) + 1
    for (let part = 0; part < count; part += 1) {
      starts[part + 1] = (starts[part + 1] as number) + (starts[part] as number)
    }
    const next = starts.slice()
    const size = this.ends.length
    if (this.#divided.hashes.length < size)
      this.#divided = { indexes: new Int32Array(size), hashes: new Int32Array(size) }
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
      while (winner !== 0 && (slots[2 * slot] !== hash || !this.#areEqual(winner - 1, index))) {
        slot = (slot + 1) & mask
        winner = slots[2 * slot + 1] as number
      }
      if (winner !== 0) losers.push(records[lastWins ? winner - 1 : index] as number)
      if (winner !== 0 && !lastWins) continue
      slots[2 * slot] = hash
      slots[2 * slot + 1] = index + 1
    }
  }

  #areEqual(one: number, other: number): boolean {
    const { texts, ends } = this
    const start = this.startOf(one)
    const from = this.startOf(other)
    const length = (ends[one] as number) - start
    if (length !== (ends[other] as number) - from) return false
    for (let at = 0; at < length; at += 1) if (texts[start + at] !== texts[from + at]) return false
    return true
  }
}

/** For what is needed now, with so much room that it seldom grows. */
function sizeFor(needed: number, most: number): number {
  return Math.min(4 * needed, most)
}

function grown(former: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(size)
  numbers.set(former)
  return numbers
}

/** At least twice as many as there are keys; a power of two. */
function slotsFor(keys: number): number {
  let slots = 16
  while (slots < 2 * keys) slots *= 2
  return slots
}
