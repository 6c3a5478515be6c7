import type { BigIntStats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { DasyError, reasonOf } from '../../base/errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { isSameFile, type StatedIdentity } from '../source.js'
import type { Origin } from './origin.js'

/** Bytes read at a time if a file is read in order. */
const CHUNK = 256 * 1024

/** A regular file. */
export class FileOrigin implements Origin {
  readonly kind = 'file'
  readonly repeatable = true
  readonly identity: StatedIdentity & { readonly fingerprint: string } & Readonly<Record<string, unknown>>
  readonly #handle: FileHandle

  private constructor(
    readonly name: string,
    readonly path: string,
    identity: StatedIdentity & { readonly fingerprint: string },
    handle: FileHandle,
  ) {
    this.identity = { ...identity }
    this.#handle = handle
  }

  /**
   * @param name for messages and the ledger
   * @param path absolute
   * @throws NodeJS.ErrnoException
   */
  static async open(name: string, path: string): Promise<FileOrigin> {
    const handle = await open(path, 'r')
    try {
      const stated = statedIdentity(await handle.stat({ bigint: true }))
      const fingerprint = await fingerprintOf(handle, stated.size)
      return new FileOrigin(name, path, { ...stated, fingerprint }, handle)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  get size(): number {
    return this.identity.size
  }

  readonly readAt = async (into: Uint8Array, offset: number): Promise<number> => {
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

  async *stream(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; ; ) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK)
      const length = await this.readAt(chunk, offset)
      if (length > 0) yield chunk.subarray(0, length)
      if (length < CHUNK) return
      offset += length
    }
  }

  async verifyUnchanged(): Promise<void> {
    const now = statedIdentity(await this.#handle.stat({ bigint: true }))
    if (!isSameFile(now, this.identity)) throw changed(this.name)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** The metadata of a file that changes with its content. */
export function statedIdentity({ size, mtimeNs, ctimeNs, ino }: BigIntStats): StatedIdentity {
  return { size: Number(size), mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}`, inode: `${ino}` }
}

export function changed(file: string): DasyError {
  return new DasyError('SOURCE_CHANGED', `${file} changed while it was being read; nothing was applied`, {
    hint: 'Wait until the file is complete, then run the command again.',
    details: { file },
  })
}

export function readFailed(name: string, offset: number, error: Error): DasyError {
  return new DasyError('READ_FAILED', `cannot read ${name} at byte ${offset}: ${reasonOf(error)}`, {
    hint: 'Check the disk or the network share that holds it.',
    details: { file: name, byte: offset },
    cause: error,
  })
}
