import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DasyError } from '../errors.js'
import type { Source, SourceLocation } from './source.js'

/** A regular file. */
export class FileSource implements Source {
  readonly kind = 'file'
  readonly repeatable = true
  readonly location: SourceLocation
  readonly #handle: FileHandle
  readonly #opened: BigIntStats

  private constructor(
    readonly name: string,
    readonly ordinal: number,
    handle: FileHandle,
    stats: BigIntStats,
  ) {
    this.#handle = handle
    this.#opened = stats
    this.location = { kind: 'file', path: resolve(name), name }
  }

  /** @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, NOT_A_FILE */
  static async open(name: string, ordinal = 0): Promise<FileSource> {
    try {
      // Looked at first: to open a named pipe would wait for its writer.
      if (!(await stat(name)).isFile()) throw notAFile(name)
      const handle = await open(name, 'r')
      return new FileSource(name, ordinal, handle, await handle.stat({ bigint: true }))
    } catch (error) {
      throw error instanceof DasyError ? error : unreadable(name, error as NodeJS.ErrnoException)
    }
  }

  get size(): number {
    return Number(this.#opened.size)
  }

  get identity(): Record<string, string | number> {
    const { size, mtimeNs, ctimeNs, ino } = this.#opened
    return { size: Number(size), mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}`, inode: `${ino}` }
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#handle
        .read(into, filled, into.length - filled, offset + filled)
        .catch((error) => {
          throw readFailed(this.name, offset + filled, error)
        })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  async verifyUnchanged(): Promise<void> {
    const now = await this.#handle.stat({ bigint: true })
    const then = this.#opened
    if (now.size === then.size && now.mtimeNs === then.mtimeNs && now.ctimeNs === then.ctimeNs) return
    throw new DasyError('SOURCE_CHANGED', `${this.name} was changed while it was read; nothing was applied`, {
      hint: 'Wait until the file is complete, then run the command again.',
      details: { file: this.name },
    })
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function notAFile(name: string): DasyError {
  return new DasyError('NOT_A_FILE', `${name} is not a regular file`, {
    hint: 'Name a CSV file.',
    details: { file: name },
  })
}

function unreadable(name: string, error: NodeJS.ErrnoException): DasyError {
  const details = { file: name, errno: error.code }
  if (error.code === 'ENOENT') {
    return new DasyError('FILE_NOT_FOUND', `there is no file ${name}`, {
      hint: 'Check the path; it is taken from the working directory.',
      details,
    })
  }
  return new DasyError('FILE_UNREADABLE', `${name} cannot be opened: ${error.message}`, {
    hint: 'Check who may read the file and the folders above it.',
    details,
    cause: error,
  })
}

function readFailed(name: string, offset: number, error: NodeJS.ErrnoException): DasyError {
  return new DasyError('READ_FAILED', `${name} cannot be read at byte ${offset}: ${error.message}`, {
    hint: 'Check the disk or the network share that holds it.',
    details: { file: name, byte: offset },
    cause: error,
  })
}
