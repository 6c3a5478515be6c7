import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DasyError } from '../base/errors.js'
import { HASH_WORDS } from './hash.js'

export const PARTITIONS = 64
/** Hashes of a partition that are written at once: 64 KiB. */
const BLOCK = 4096

/**
 * A temporary file for hashes that do not fit in memory, by partition. It is unlinked as soon as it is open, so it
 * disappears with the process, however that ends.
 */
export class Spill {
  readonly #fd: number
  readonly #partitions = Array.from({ length: PARTITIONS }, () => new Partition())
  #length = 0

  /** @throws DasyError TEMPORARY_FILE_FAILED */
  constructor() {
    const path = join(tmpdir(), `dasy-${randomUUID()}`)
    this.#fd = attempt(() => openSync(path, 'wx+', 0o600))
    attempt(() => unlinkSync(path))
  }

  /** @throws DasyError TEMPORARY_FILE_FAILED */
  add(partition: number, hash: Uint32Array): void {
    const { block, offsets, filled } = this.#partitions[partition] as Partition
    block.set(hash, filled * HASH_WORDS)
    const next = filled + 1
    if (next === BLOCK) {
      this.#write(block)
      offsets.push(this.#length - block.byteLength)
    }
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
      this.#read(block, offset)
      yield block
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(block: Uint32Array): void {
    const bytes = bytesOf(block)
    for (let at = 0; at < bytes.length; ) {
      const from = at
      at += attempt(() => writeSync(this.#fd, bytes, from, bytes.length - from, this.#length + from))
    }
    this.#length += bytes.length
  }

  #read(block: Uint32Array, offset: number): void {
    const bytes = bytesOf(block)
    for (let at = 0; at < bytes.length; ) {
      const from = at
      const length = attempt(() => readSync(this.#fd, bytes, from, bytes.length - from, offset + from))
      if (length === 0) throw failed(new Error('it was truncated'))
      at += length
    }
  }
}

class Partition {
  readonly block = new Uint32Array(BLOCK * HASH_WORDS)
  /** The offsets of its blocks in the file. */
  readonly offsets: number[] = []
  filled = 0
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function attempt<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw failed(error as Error)
  }
}

function failed(cause: Error): DasyError {
  return new DasyError('TEMPORARY_FILE_FAILED', `cannot use a temporary file: ${cause.message}`, {
    hint: `Free space in ${tmpdir()}, or set TMPDIR to another folder.`,
    details: { folder: tmpdir() },
    cause,
  })
}
