import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { DasyError } from '../errors.js'
import { changed, statedIdentity } from './file.js'
import { isSameFile, type SourceLocation } from './source.js'

/**
 * Reads ranges of a source from a thread that has nothing else to do, so it may block. A file is read by
 * whoever needs it; bytes that were handed to a thread would be read by another kind of this.
 */
export interface RangeReader {
  /** Fills `into` from an absolute offset. @returns bytes read; fewer only at the end of the source */
  read(into: Uint8Array, offset: number): number
  close(): void
}

/** @throws DasyError FILE_UNREADABLE; SOURCE_CHANGED if another file has taken its place */
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
      throw new DasyError(
        'FILE_UNREADABLE',
        `${location.name} cannot be opened: ${(error as Error).message}`,
        {
          hint: 'Check that the file is still there.',
          details: { file: location.name },
          cause: error,
        },
      )
    }
    if (isSameFile(statedIdentity(fstatSync(this.#fd, { bigint: true })), location.identity)) return
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
      throw new DasyError(
        'READ_FAILED',
        `${this.#name} cannot be read at byte ${offset}: ${(error as Error).message}`,
        {
          hint: 'Check the disk or the network share that holds it.',
          details: { file: this.#name, byte: offset },
          cause: error,
        },
      )
    }
  }
}
