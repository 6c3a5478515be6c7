/** For how many there is memory at first, so that a small source needs little. */
const [FIRST_TEXTS, FIRST_BYTES] = [2 ** 11, 2 ** 15]

/** How many more there may be than expected: the first keys are often shorter than the others. */
const SLACK = 1.15

/**
 * Texts one after the other, each with its hash and a number.
 *
 * The lists grow as they are filled. Untouched memory would cost nothing by itself, but the more of it is allocated, the more often
 * garbage is collected: a process that loads many small files spent half of its time on that.
 */
export class TextList {
  /** The next text is to be written behind the others, at `end`, before it is added. */
  texts = new Uint8Array(FIRST_BYTES)
  /** Of each text: its hash of 32 bits, its number, and where it ends, which is where the next one begins. */
  hashes = new Int32Array(FIRST_TEXTS)
  numbers = new Int32Array(FIRST_TEXTS)
  ends = new Int32Array(FIRST_TEXTS)
  count = 0
  readonly #mostTexts: number
  readonly #mostBytes: number

  constructor(mostTexts: number, mostBytes: number) {
    this.#mostTexts = mostTexts
    this.#mostBytes = mostBytes
  }

  get end(): number {
    return this.startOf(this.count)
  }

  /**
   * Makes room for more texts.
   * @param bytes the most that they may have
   * @returns false if there would be too many
   */
  makeRoom(texts: number, bytes: number): boolean {
    const [count, end] = [this.count + texts, this.end + bytes]
    if (count > this.#mostTexts || end > this.#mostBytes) return false
    if (count > this.hashes.length || end > this.texts.length)
      this.#resize(grown(this.hashes.length, count), grown(this.texts.length, end))
    return true
  }

  /**
   * Makes room for texts like those that were added, as far as there may be: so the list need not grow again and again.
   * @param times how many times as many there will probably be
   */
  expect(times: number): void {
    const texts = Math.min(Math.ceil(times * SLACK * this.count), this.#mostTexts)
    const bytes = Math.min(Math.ceil(times * SLACK * this.end), this.#mostBytes)
    this.#resize(Math.max(texts, this.hashes.length), Math.max(bytes, this.texts.length))
  }

  /** Adds the text that was written at `end`. @param length in bytes */
  add(length: number, hash: number, number: number): void {
    const index = this.count
    this.hashes[index] = hash
    this.numbers[index] = number
    this.ends[index] = this.end + length
    this.count = index + 1
  }

  /** Removes the texts whose number is not among the wanted ones. */
  filter(isWanted: (number: number) => boolean): void {
    const { texts, hashes, numbers, ends, count } = this
    this.count = 0
    let start = 0
    for (let index = 0; index < count; index += 1) {
      const [end, number] = [ends[index] as number, numbers[index] as number]
      if (isWanted(number)) {
        texts.copyWithin(this.end, start, end)
        this.add(end - start, hashes[index] as number, number)
      }
      start = end
    }
  }

  clear(): void {
    this.count = 0
  }

  /** Where a text begins. */
  startOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number)
  }

  #resize(texts: number, bytes: number): void {
    if (texts > this.hashes.length) {
      this.hashes = copied(this.hashes, new Int32Array(texts))
      this.numbers = copied(this.numbers, new Int32Array(texts))
      this.ends = copied(this.ends, new Int32Array(texts))
    }
    if (bytes > this.texts.length) this.texts = copied(this.texts, new Uint8Array(bytes))
  }

  /** Whether two texts are the same. */
  isSame(one: number, other: number): boolean {
    const { texts, ends } = this
    const start = this.startOf(one)
    const from = this.startOf(other)
    const length = (ends[one] as number) - start
    if (length !== (ends[other] as number) - from) return false
    for (let at = 0; at < length; at += 1) if (texts[start + at] !== texts[from + at]) return false
    return true
  }
}

/** The slots of a hash table: at least twice as many as there are texts; a power of two. */
export function slotsFor(texts: number): number {
  let slots = 16
  while (slots < 2 * texts) slots *= 2
  return slots
}

/** @returns at least as long as needed, so that a list is seldom copied */
function grown(length: number, needed: number): number {
  let longer = length
  while (longer < needed) longer *= 2
  return longer
}

function copied<List extends Int32Array | Uint8Array>(from: List, to: List): List {
  to.set(from)
  return to
}
