import { TemporaryFile } from '../base/temporary-file.js'
import { HASH_WORDS } from './hash.js'

export const PARTITIONS = 64
/** Hashes of a partition that are written at once: 64 KiB. */
const BLOCK = 4096

/** Hashes that do not fit in memory, in a temporary file, by partition. */
export class Spill {
  readonly #file = new TemporaryFile()
  readonly #partitions = Array.from({ length: PARTITIONS }, () => new Partition())

  /** @throws DasyError TEMPORARY_FILE_FAILED */
  add(partition: number, hash: Uint32Array): void {
    const { block, offsets, filled } = this.#partitions[partition] as Partition
    block.set(hash, filled * HASH_WORDS)
    const next = filled + 1
    if (next === BLOCK) offsets.push(this.#file.append(block))
    ;(this.#partitions[partition] as Partition).filled = next % BLOCK
  }

  /**
   * The hashes of a partition, in blocks. Each is valid until the next.
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  *read(partition: number): Generator<Uint32Array> {
    const { block, offsets, filled } = this.#partitions[partition] as Partition
    yield block.subarray(0, filled * HASH_WORDS)
    for (const offset of offsets) {
      this.#file.read(block, offset)
      yield block
    }
  }

  close(): void {
    this.#file.close()
  }
}

class Partition {
  readonly block = new Uint32Array(BLOCK * HASH_WORDS)
  /** The offsets of its blocks in the file. */
  readonly offsets: number[] = []
  filled = 0
}
