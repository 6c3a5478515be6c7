import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DasyError } from './errors.js'

/**
 * A file for what does not fit in memory. It is unlinked as soon as it is open, so it disappears with the process, however
 * that ends.
 */
export class TemporaryFile {
  readonly #fd: number
  #length = 0

  /** @throws DasyError TEMPORARY_FILE_FAILED */
  constructor() {
    const path = join(tmpdir(), `dasy-${randomUUID()}`)
    this.#fd = attempt(() => openSync(path, 'wx+', 0o600))
    attempt(() => unlinkSync(path))
  }

  /**
   * Writes bytes behind all others.
   * @returns their offset
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  append(array: Uint8Array | Uint32Array | Int32Array): number {
    const bytes = bytesOf(array)
    const offset = this.#length
    for (let at = 0; at < bytes.length; ) {
      const from = at
      at += attempt(() => writeSync(this.#fd, bytes, from, bytes.length - from, offset + from))
    }
    this.#length += bytes.length
    return offset
  }

  /**
   * Fills an array with the bytes from an offset on.
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  read(array: Uint8Array | Uint32Array | Int32Array, offset: number): void {
    const bytes = bytesOf(array)
    for (let at = 0; at < bytes.length; ) {
      const from = at
      const length = attempt(() => readSync(this.#fd, bytes, from, bytes.length - from, offset + from))
      if (length === 0) throw failed(new Error('it was truncated'))
      at += length
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
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
