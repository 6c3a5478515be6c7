import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { DasyError, reasonOf } from '../base/errors.js'
import { changed, readFailed, statedIdentity } from './origins/file.js'
import { isSameFile, type SourceLocation } from './source.js'

/** Reads ranges of a source synchronously, in a worker thread. */
export interface RangeReader {
  /** Fills `into` from an offset in the source. @returns bytes read; fewer only at the end of the source */
  read(into: Uint8Array, offset: number): number
  close(): void
}

/** @throws DasyError FILE_UNREADABLE; SOURCE_CHANGED if the path is now another file */
export function openReader(location: SourceLocation): RangeReader {
  return new FileReader(location)
}

class FileReader implements RangeReader {
  readonly #fd: number
  readonly #name: string

  constructor(location: SourceLocation) {
    this.#name = location.name
    try {
      this.#fd = openSync(location.path, 'r')
    } catch (error) {
      throw new DasyError('FILE_UNREADABLE', `${location.name} cannot be opened: ${reasonOf(error)}`, {
        hint: 'Check that the file is still there.',
        details: { file: location.name },
        cause: error,
      })
    }
    if (isSameFile(statedIdentity(fstatSync(this.#fd, { bigint: true })), location.stated)) return
    this.close()
    throw changed(location.name)
  }

  read(into: Uint8Array, offset: number): number {
    let filled = 0
    while (filled < into.length) {
      const count = this.#readOnce(into, filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    return filled
  }

  close(): void {
    closeSync(this.#fd)
  }

  #readOnce(into: Uint8Array, filled: number, offset: number): number {
    try {
      return readSync(this.#fd, into, filled, into.length - filled, offset)
    } catch (error) {
      throw readFailed(this.#name, offset, error as Error)
    }
  }
}

/** Reads a block of a source that was sent to a worker thread. */
export class BlockReader implements RangeReader {
  readonly #bytes: Uint8Array
  readonly #start: number

  /** @param start the offset of the first byte in the source */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#start = start
  }

  read(into: Uint8Array, offset: number): number {
    const from = offset - this.#start
    const found = this.#bytes.subarray(from, from + into.length)
    into.set(found)
    return found.length
  }

  close(): void {}
}

/** Whether a file is there as it was stated. */
export async function isAsStated({ path, stated }: SourceLocation): Promise<boolean> {
  const now = await stat(path, { bigint: true })
  return isSameFile(statedIdentity(now), stated)
}
