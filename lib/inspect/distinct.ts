import { HASH_WORDS } from './hash.js'
import { PARTITIONS, Spill } from './spill.js'

/** The words of a slot: the hash, then the line of the key's first record; line 0 is an empty slot. */
const SLOT = HASH_WORDS + 1
const FEWEST_SLOTS = 4096
/** 80 MiB: slots of 20 bytes, a quarter of them empty. */
const MOST_KEYS = 3 * 1024 * 1024
const LARGEST_LINE = 2 ** 32 - 1

/**
 * Counts distinct keys by their hashes of 128 bits. (The chance that two keys have the same hash is negligible.) The first
 * hashes are held in memory. When memory is full, the others are partitioned into a temporary file and counted partition
 * by partition: a hybrid hash aggregation, as in DeWitt et al., "Implementation Techniques for Main Memory Database
 * Systems" (1984).
 */
export class DistinctKeys {
  readonly #mostKeys: number
  readonly #level: number
  #slots = new Uint32Array(FEWEST_SLOTS * SLOT)
  #mask = FEWEST_SLOTS - 1
  #size = 0
  #spill: Spill | undefined

  /** @param mostKeys how many hashes are held in memory */
  constructor(mostKeys = MOST_KEYS, level = 0) {
    this.#mostKeys = mostKeys
    this.#level = level
  }

  /**
   * @param line of the record, from 1, counted over all sources
   * @returns the line of the key's first record; 0 if the key is new, or not known yet
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  add(hash: Uint32Array, line: number): number {
    const slot = this.#find(hash)
    const known = this.#slots[slot + HASH_WORDS] as number
    if (known !== 0) return known
    if (this.#size >= this.#mostKeys) {
      this.#spill ??= new Spill()
      this.#spill.add(this.#partitionOf(hash), hash)
      return 0
    }
    this.#slots.set(hash, slot)
    this.#slots[slot + HASH_WORDS] = Math.min(line, LARGEST_LINE)
    this.#size += 1
    if (this.#size * 4 > (this.#mask + 1) * 3) this.#grow()
    return 0
  }

  /**
   * The number of distinct keys. Nothing can be added afterwards.
   * @param pause between partitions
   */
  async count(pause: () => Promise<void>): Promise<number> {
    let count = this.#size
    if (!this.#spill) return count
    // Hashes in the file are not in memory.
    this.#slots = new Uint32Array()
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const part = new DistinctKeys(this.#mostKeys, this.#level + 1)
      try {
        for (const block of this.#spill.read(partition)) {
          for (let at = 0; at < block.length; at += HASH_WORDS)
            part.add(block.subarray(at, at + HASH_WORDS), 1)
        }
        count += await part.count(pause)
      } finally {
        part.close()
      }
      await pause()
    }
    return count
  }

  close(): void {
    this.#spill?.close()
    this.#spill = undefined
  }

  /** The slot of a hash, or the empty slot for it (linear probing). */
  #find(hash: Uint32Array): number {
    const slots = this.#slots
    const [h0, h1, h2, h3] = hash as unknown as [number, number, number, number]
    for (let index = h0 & this.#mask; ; index = (index + 1) & this.#mask) {
      const slot = index * SLOT
      if (slots[slot + HASH_WORDS] === 0) return slot
      if (slots[slot] === h0 && slots[slot + 1] === h1 && slots[slot + 2] === h2 && slots[slot + 3] === h3)
        return slot
    }
  }

  #grow(): void {
    const before = this.#slots
    this.#mask = this.#mask * 2 + 1
    this.#slots = new Uint32Array((this.#mask + 1) * SLOT)
    for (let slot = 0; slot < before.length; slot += SLOT) {
      if (before[slot + HASH_WORDS] === 0) continue
      const whole = before.subarray(slot, slot + SLOT)
      this.#slots.set(whole, this.#find(whole))
    }
  }

  /** By bits that do not determine the slot, and different ones on each level. */
  #partitionOf(hash: Uint32Array): number {
    return ((hash[1 + (this.#level % 3)] as number) >>> (6 * Math.floor(this.#level / 3))) % PARTITIONS
  }
}
