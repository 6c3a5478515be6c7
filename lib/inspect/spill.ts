import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DasyError } from '../base/errors.js'
import { HASH_WORDS } from './hash.js'

export const PARTITIONS = 64
/** Hashes of a partition that are written at a time: 64 KiB. */
const BLOCK = 4096

/**
 * Hashes that do not fit in memory, by partitions, in a temporary file. The file is unlinked as soon as it is open, so it
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
    const { block, places, filled } = this.#partitions[partition] as Partition
    block.set(hash, filled * HASH_WORDS)
    const next = filled + 1
    if (next === BLOCK) {
      this.#write(block)
      places.push(this.#length - block.byteLength)
    }
    ;(this.#partitions[partition] as Partition).filled = next % BLOCK
  }

  /** Blocks of hashes in order; each is valid until the next. */
  *read(partition: number): Generator<Uint32Array> {
    const { block, places, filled } = this.#partitions[partition] as Partition
    yield block.subarray(0, filled * HASH_WORDS)
    for (const place of places) {
      this.#read(block, place)
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

  #read(block: Uint32Array, place: number): void {
    const bytes = bytesOf(block)
    for (let at = 0; at < bytes.length; ) {
      const from = at
      const length = attempt(() => readSync(this.#fd, bytes, from, bytes.length - from, place + from))
      if (length === 0) throw failed(new Error('it is shorter than before'))
      at += length
    }
  }
}

class Partition {
  readonly block = new Uint32Array(BLOCK * HASH_WORDS)
  /** The blocks that were written. */
  readonly places: number[] = []
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
  return new DasyError('TEMPORARY_FILE_FAILED', `a temporary file failed: ${cause.message}`, {
    hint: `Make room in ${tmpdir()}, or set TMPDIR to another folder.`,
    details: { folder: tmpdir() },
    cause,
  })
}
