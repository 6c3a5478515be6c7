import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DasyError } from '../errors.js'
import { fingerprintOf } from './fingerprint.js'
import { type FileIdentity, isSameFile, type Source, type SourceLocation } from './source.js'

/** A regular file. */
export class FileSource implements Source {
  readonly kind = 'file'
  readonly repeatable = true
  readonly location: SourceLocation
  readonly #handle: FileHandle

  private constructor(
    readonly name: string,
    readonly ordinal: number,
    readonly identity: FileIdentity,
    path: string,
    handle: FileHandle,
  ) {
    this.#handle = handle
    this.location = { kind: 'file', path, name, identity }
  }

  /**
   * @param path where it is, if not where its name says
   * @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, NOT_A_FILE
   */
  static async open(name: string, path = resolve(name)): Promise<FileSource> {
    try {
      // Looked at first: to open a named pipe would wait for its writer.
      if (!(await stat(path)).isFile()) throw notAFile(name)
      const handle = await open(path, 'r')
      const identity = await identityOf(handle).catch(async (error) => {
        await handle.close()
        throw error
      })
      return new FileSource(name, 0, identity, path, handle)
    } catch (error) {
      throw error instanceof DasyError ? error : unreadable(name, error as NodeJS.ErrnoException)
    }
  }

  get size(): number {
    return this.identity.size
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
    const now = statedIdentity(await this.#handle.stat({ bigint: true }))
    if (isSameFile(now, this.identity)) return
    throw changed(this.name)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function identityOf(handle: FileHandle): Promise<FileIdentity> {
  const stated = statedIdentity(await handle.stat({ bigint: true }))
  return { ...stated, fingerprint: await fingerprintOf(handle, stated.size) }
}

/** What the file system says of a file's content without reading it. */
export function statedIdentity({
  size,
  mtimeNs,
  ctimeNs,
  ino,
}: BigIntStats): Omit<FileIdentity, 'fingerprint'> {
  return { size: Number(size), mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}`, inode: `${ino}` }
}

export function changed(file: string): DasyError {
  return new DasyError('SOURCE_CHANGED', `${file} was changed while it was read; nothing was applied`, {
    hint: 'Wait until the file is complete, then run the command again.',
    details: { file },
  })
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
