/** More keys than this would take too much memory: some 40 MB. */
const MOST_KEYS = 2 ** 20
const MOST_TEXT = 16 * 2 ** 20
const FEWEST_SLOTS = 2 ** 12

/** A slot holds the number of a key from 1 in its lower bits, and above them a part of the hash, to compare that first. */
const NUMBER_BITS = 21
const NUMBER = 2 ** NUMBER_BITS - 1

/** How many keys wait to be looked up. */
const BATCH = 256

/**
 * The keys of records, and the records that repeat one. Exact: keys with the same hash are compared byte by byte.
 *
 * An open-addressing hash table with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L). Memory
 * that is never touched costs nothing, so what grows in order has its full size from the start. Keys are looked up in
 * batches, after a first access to their slots, so that the processor does not wait for each of these accesses.
 */
export class KeySet {
  #slots: Int32Array
  #mask: number
  #count = 0
  /** Keys one after the other. The next one is to be written behind them, at `end`, before it is added. */
  readonly texts = new Uint8Array(MOST_TEXT)
  end = 0
  // Of each key, by its number. Those behind the last number wait to be looked up.
  readonly #starts = new Int32Array(MOST_KEYS + BATCH + 2)
  readonly #hashes = new Int32Array(MOST_KEYS + BATCH + 2)
  /** The record that the key was added with. */
  readonly #records = new Int32Array(MOST_KEYS + BATCH + 2)
  readonly #lengths = new Int16Array(MOST_KEYS + BATCH + 2)
  #waiting = 0
  /** What the slots of the keys that wait held, before the first of them was added. */
  readonly #seen = new Int32Array(BATCH)
  /** For each record that repeats a key, in the order in which they were added, the key and the record. */
  readonly #repeated: number[] = []
  readonly #repeating: number[] = []

  /** @param expected how many keys there may be */
  constructor(expected: number) {
    let slots = FEWEST_SLOTS
    while (slots < 2 * Math.min(expected, MOST_KEYS)) slots *= 2
    this.#slots = new Int32Array(slots)
    this.#mask = slots - 1
  }

  static hasRoomFor(keys: number): boolean {
    return keys <= MOST_KEYS
  }

  /** Whether there is room for one more key of at most so many bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#count < MOST_KEYS && this.end + bytes <= MOST_TEXT && this.#repeated.length < MOST_KEYS
  }

  /**
   * Adds the key that was written at `end`.
   * @param length in bytes
   * @param hash of 32 bits
   * @param record its ordinal, larger than that of the record before
   */
  add(length: number, hash: number, record: number): void {
    this.#waiting += 1
    const number = this.#count + this.#waiting
    this.#starts[number] = this.end
    this.#lengths[number] = length
    this.#hashes[number] = hash
    this.#records[number] = record
    this.end += length
    if (this.#waiting === BATCH) this.#lookUp()
  }

  /**
   * The records that lose to another one with the same key.
   * @param lastWins whether the last record of a key wins, not the first
   * @param isOut whether a record does not count
   */
  losers(lastWins: boolean, isOut: (record: number) => boolean): number[] {
    this.#lookUp()
    const winners = this.#records.slice(0, this.#count + 1)
    const losers: number[] = []
    for (const [index, number] of this.#repeated.entries()) {
      const record = this.#repeating[index] as number
      const winner = winners[number] as number
      if (isOut(winner)) {
        winners[number] = record
      } else if (!isOut(record)) {
        losers.push(lastWins ? winner : record)
        if (lastWins) winners[number] = record
      }
    }
    return losers
  }

  /** Looks up the keys that wait: new ones move together behind the last number. */
  #lookUp(): void {
    const slots = this.#slots
    const mask = this.#mask
    const first = this.#count + 1
    const last = this.#count + this.#waiting
    this.#see(first, last)
    let number = first
    for (let waiting = first; waiting <= last; waiting += 1) {
      const hash = this.#hashes[waiting] as number
      const record = this.#records[waiting] as number
      const tag = hash & ~NUMBER
      let slot = hash & mask
      // An empty one may have been taken since.
      let found = this.#seen[waiting - first] || (slots[slot] as number)
      while (found !== 0 && ((found & ~NUMBER) !== tag || !this.#areEqual(found & NUMBER, waiting))) {
        slot = (slot + 1) & mask
        found = slots[slot] as number
      }
      if (found !== 0) {
        this.#repeated.push(found & NUMBER)
        this.#repeating.push(record)
        continue
      }
      slots[slot] = tag | number
      this.#starts[number] = this.#starts[waiting] as number
      this.#lengths[number] = this.#lengths[waiting] as number
      this.#hashes[number] = hash
      this.#records[number] = record
      number += 1
    }
    this.#waiting = 0
    this.#count = number - 1
    if (2 * this.#count + BATCH > mask) this.#grow()
  }

  /** Reads a slot for each key that waits, one right after the other. */
  #see(first: number, last: number): void {
    const slots = this.#slots
    const mask = this.#mask
    for (let waiting = first; waiting <= last; waiting += 1) {
      this.#seen[waiting - first] = slots[(this.#hashes[waiting] as number) & mask] as number
    }
  }

  #areEqual(one: number, other: number): boolean {
    const { texts } = this
    const length = this.#lengths[one] as number
    if (length !== this.#lengths[other]) return false
    const [start, from] = [this.#starts[one] as number, this.#starts[other] as number]
    for (let at = 0; at < length; at += 1) if (texts[start + at] !== texts[from + at]) return false
    return true
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let number = 1; number <= this.#count; number += 1) {
      const hash = this.#hashes[number] as number
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = (hash & ~NUMBER) | number
    }
    this.#slots = slots
    this.#mask = mask
  }
}
