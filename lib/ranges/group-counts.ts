import { slotsFor, TextList } from './text-list.js'

/** The most texts in memory, repeated ones included: some 30 MB. */
const MOST_TEXTS = 2 ** 20
const MOST_BYTES = 16 * 2 ** 20

const PARTS = 64
/** The highest bits of the hash are the number of the part. */
const SHIFT = 26

const QUOTE = 34

/** Bytes of text that are given to COPY at a time: more than the longest text needs. */
const CHUNK = 256 * 1024
/** The most bytes around a text: its quotes, a count of ten digits and a level, with their commas, and a line end. */
const REST = 16

/** The level of a group of NULL, and of others, in the storage of an aggregate (sql/aggregate/complete_storage.sql). */
const [NULL_LEVEL, LEVEL] = [-1, 9]

/**
 * How many records there are of each value of a column: what GROUP BY counts, where equal texts are equal bytes. Texts with the
 * same hash are compared byte by byte.
 *
 * Texts are divided by their hashes when they are added, and only listed. The hash table of a part fits into the processor's cache
 * ("radix partitioning": Boncz, Manegold, Kersten, Database Architecture Optimized for the New Bottleneck: Memory Access, 1999).
 */
export class GroupCounts {
  /** The number of a text is how many records it has. */
  readonly #parts = Array.from({ length: PARTS }, () => new TextList(MOST_TEXTS / PARTS, MOST_BYTES / PARTS))
  #slots = new Int32Array(0)
  #records = 0
  #nulls = 0
  #empty = 0

  /** All records that were counted. */
  get records(): number {
    return this.#records
  }

  /**
   * Called once, when the first records are counted.
   * @param times how many times as many records there will probably be
   * @returns false if there will probably be too many values
   */
  expect(times: number): boolean {
    const texts = this.#parts.reduce((sum, { count }) => sum + count, 0)
    if (times * texts > MOST_TEXTS && probableValues(texts, this.#repeated()) > MOST_TEXTS / 2) return false
    for (const part of this.#parts) part.expect(times)
    return true
  }

  /**
   * Counts a record.
   * @param text begins with its value, which is not empty
   * @param length of the value, in bytes
   * @param by 1, or -1 if it was counted before and does not count
   * @returns false if there are too many values
   */
  add(text: Uint8Array, length: number, hash: number, by: number): boolean {
    const part = this.#parts[hash >>> SHIFT] as TextList
    if (!part.makeRoom(1, length) && !(this.#condense(part) && part.makeRoom(1, length))) return false
    const { texts, end } = part
    for (let at = 0; at < length; at += 1) texts[end + at] = text[at] as number
    part.add(length, hash, by)
    this.#records += by
    return true
  }

  addNull(by: number): void {
    this.#nulls += by
    this.#records += by
  }

  addEmpty(by: number): void {
    this.#empty += by
    this.#records += by
  }

  /**
   * The rows (value, count, level) of the storage of an aggregate, one for each group, as CSV. In chunks, each valid until the next
   * one is requested. Nothing is added any more.
   */
  *rows(): Generator<Uint8Array> {
    const chunk = new Chunk()
    if (this.#nulls > 0) chunk.write(`,${this.#nulls},${NULL_LEVEL}\n`)
    if (this.#empty > 0) chunk.write(`"",${this.#empty},${LEVEL}\n`)
    for (const part of this.#parts) {
      this.#sum(part)
      const { texts, numbers, ends, count } = part
      for (let index = 0, start = 0; index < count; index += 1) {
        const end = ends[index] as number
        const number = numbers[index] as number
        if (number !== 0) {
          if (!chunk.hasRoom(end - start)) yield chunk.take()
          chunk.writeQuoted(texts, start, end)
          chunk.write(`,${number},${LEVEL}\n`)
        }
        start = end
      }
    }
    yield chunk.take()
  }

  /** How many texts are the same as an earlier one. */
  #repeated(): number {
    let repeated = 0
    for (const part of this.#parts) {
      this.#sum(part)
      for (let index = 0; index < part.count; index += 1) if (part.numbers[index] === 0) repeated += 1
    }
    return repeated
  }

  /** Leaves one of each text. @returns false if that would have to be done again too soon */
  #condense(part: TextList): boolean {
    this.#sum(part)
    part.filter((number) => number !== 0)
    return part.count <= MOST_TEXTS / PARTS / 2 && part.end <= MOST_BYTES / PARTS / 2
  }

  /**
   * Adds the number of each text to that of the first which is the same, and leaves 0 of it. With an open-addressing hash table with
   * linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L).
   */
  #sum(part: TextList): void {
    const { hashes, numbers, count } = part
    // For each slot a hash, and from 1 the index of a text.
    const slots = this.#emptySlots(slotsFor(count))
    const mask = slots.length / 2 - 1
    for (let index = 0; index < count; index += 1) {
      const hash = hashes[index] as number
      let slot = hash & mask
      let first = slots[2 * slot + 1] as number
      while (first !== 0 && (slots[2 * slot] !== hash || !part.isSame(first - 1, index))) {
        slot = (slot + 1) & mask
        first = slots[2 * slot + 1] as number
      }
      if (first === 0) {
        slots[2 * slot] = hash
        slots[2 * slot + 1] = index + 1
      } else {
        numbers[first - 1] = (numbers[first - 1] as number) + (numbers[index] as number)
        numbers[index] = 0
      }
    }
  }

  /** The same memory for all parts. */
  #emptySlots(count: number): Int32Array {
    if (this.#slots.length < 2 * count) this.#slots = new Int32Array(2 * count)
    return this.#slots.subarray(0, 2 * count).fill(0)
  }
}

/**
 * How many values there are, if each is as frequent as the others: two of so many texts are the same by chance ("birthday problem").
 * Values that are more frequent make it less.
 */
function probableValues(texts: number, repeated: number): number {
  return texts ** 2 / (2 * Math.max(repeated, 0.5))
}

/** Text for COPY that is put together in the same memory again and again. */
class Chunk {
  readonly #bytes = new Uint8Array(CHUNK)
  #end = 0

  /** Whether there is room for a quoted text and what follows it. */
  hasRoom(length: number): boolean {
    // Each of its bytes may be a quote.
    return this.#end + 2 * length + REST <= CHUNK
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#bytes[this.#end++] = text.charCodeAt(at)
  }

  writeQuoted(texts: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes
    let to = this.#end
    bytes[to++] = QUOTE
    for (let at = start; at < end; at += 1) {
      const byte = texts[at] as number
      if (byte === QUOTE) bytes[to++] = QUOTE
      bytes[to++] = byte
    }
    bytes[to++] = QUOTE
    this.#end = to
  }

  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#end)
    this.#end = 0
    return taken
  }
}
