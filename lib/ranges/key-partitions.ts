import { TemporaryFile } from '../base/temporary-file.js'
import { type KeyList, MOST_KEYS, MOST_TEXT, type Part } from './key-list.js'

export const PARTITIONS = 256
/** The highest bits of the hash are the number of the partition. */
const SHIFT = 24

/** Keys of a partition in the file: their hashes, records and lengths, then their texts. */
interface Block {
  readonly offset: number
  readonly keys: number
  /** Bytes of the texts. */
  readonly length: number
}

/** The blocks of a partition, with their sums. */
class Partition {
  readonly blocks: Block[] = []
  keys = 0
  length = 0
}

/** Keys in a temporary file, divided by their hashes so that each partition fits into memory. */
export class KeyPartitions {
  readonly #file = new TemporaryFile()
  /** The memory of the block that is written or read. */
  #numbers = new Int32Array(0)
  #texts = new Uint8Array(0)
  readonly #partitions = Array.from({ length: PARTITIONS }, () => new Partition())

  /**
   * Writes all keys of a list.
   * @returns false if a partition would become larger than a list; then the keys are incomplete
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  add(list: KeyList): boolean {
    const parts = list.divide(PARTITIONS, SHIFT)
    for (const [number, part] of parts.entries()) {
      if (part.indexes.length === 0) continue
      const partition = this.#partitions[number] as Partition
      const block = this.#write(list, part)
      partition.blocks.push(block)
      partition.keys += block.keys
      partition.length += block.length
      if (partition.keys > MOST_KEYS || partition.length > MOST_TEXT) return false
    }
    return true
  }

  /**
   * Replaces the keys of a list by those of a partition, in the order in which they were added.
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  read(number: number, list: KeyList): void {
    const partition = this.#partitions[number] as Partition
    list.clear()
    list.reserve(partition.keys, partition.length)
    for (const { offset, keys, length } of partition.blocks) {
      const numbers = this.#numbersOf(keys)
      this.#file.read(numbers, offset)
      this.#file.read(list.texts.subarray(list.end, list.end + length), offset + numbers.byteLength)
      for (let index = 0; index < keys; index += 1) {
        const [hash, record, size] = [numbers[index], numbers[keys + index], numbers[2 * keys + index]]
        list.add(size as number, hash as number, record as number)
      }
    }
  }

  close(): void {
    this.#file.close()
  }

  #write(list: KeyList, { indexes, hashes }: Part): Block {
    const keys = indexes.length
    const numbers = this.#numbersOf(keys)
    numbers.set(hashes)
    let length = 0
    for (let at = 0; at < keys; at += 1) {
      const index = indexes[at] as number
      const size = (list.ends[index] as number) - list.startOf(index)
      numbers[keys + at] = list.records[index] as number
      numbers[2 * keys + at] = size
      length += size
    }
    if (this.#texts.length < length) this.#texts = new Uint8Array(2 * length)
    const texts = this.#texts.subarray(0, length)
    let end = 0
    for (const index of indexes) {
      for (let from = list.startOf(index); from < (list.ends[index] as number); from += 1)
        texts[end++] = list.texts[from] as number
    }
    const offset = this.#file.append(numbers)
    this.#file.append(texts)
    return { offset, keys, length }
  }

  #numbersOf(keys: number): Int32Array {
    if (this.#numbers.length < 3 * keys) this.#numbers = new Int32Array(6 * keys)
    return this.#numbers.subarray(0, 3 * keys)
  }
}
