/** More keys than this would take too much memory: some 40 MB. */
const MOST_KEYS = 2 ** 20
const MOST_TEXT = 16 * 2 ** 20
const FEWEST_SLOTS = 2 ** 12

/** A slot holds the number of a key from 1 in its lower bits, and above them a part of the hash, to compare that first. */
const NUMBER_BITS = 21
const NUMBER = 2 ** NUMBER_BITS - 1

/**
 * The keys of records, and the records that repeat one. Exact: keys with the same hash are compared byte by byte.
 *
 * An open-addressing hash table with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L). Memory
 * that is never touched costs nothing, so what grows in order has its full size from the start.
 */
export class KeySet {
  #slots: Int32Array
  #mask: number
  #count = 0
  /** The keys one after the other. The next one is to be written behind them, at `end`, before it is added. */
  readonly texts = new Uint8Array(MOST_TEXT)
  end = 0
  readonly #ends = new Int32Array(MOST_KEYS + 1)
  readonly #hashes = new Int32Array(MOST_KEYS + 1)
  /** The record that each key was added with. */
  readonly #records = new Int32Array(MOST_KEYS + 1)
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
    const slots = this.#slots
    const mask = this.#mask
    const tag = hash & ~NUMBER
    let slot = hash & mask
    for (let found = slots[slot] as number; found !== 0; found = slots[slot] as number) {
      if ((found & ~NUMBER) === tag && this.#isLast(found & NUMBER, length)) {
        this.#repeated.push(found & NUMBER)
        this.#repeating.push(record)
        return
      }
      slot = (slot + 1) & mask
    }
    const number = this.#count + 1
    this.end += length
    this.#count = number
    this.#ends[number] = this.end
    this.#hashes[number] = hash
    this.#records[number] = record
    slots[slot] = tag | number
    if (2 * number > mask) this.#grow()
  }

  /**
   * The records that lose to another one with the same key.
   * @param lastWins whether the last record of a key wins, not the first
   * @param isOut whether a record does not count
   */
  losers(lastWins: boolean, isOut: (record: number) => boolean): number[] {
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

  /** Whether a key is the same as that at `end`. */
  #isLast(number: number, length: number): boolean {
    const { texts, end } = this
    const start = this.#ends[number - 1] as number
    if ((this.#ends[number] as number) - start !== length) return false
    for (let at = 0; at < length; at += 1) if (texts[start + at] !== texts[end + at]) return false
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
