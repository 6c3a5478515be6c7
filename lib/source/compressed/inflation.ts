import type { Transform } from 'node:stream'
import type { Zlib } from 'node:zlib'
import { Corruption } from './corruption.js'

/** Bytes of text that an engine produces at a time. */
export const CHUNK_SIZE = 512 * 1024

/** A decompressor of node:zlib. */
export type Engine = Transform & Zlib

/**
 * Passes compressed bytes through an engine, which works in Node's thread pool. While the consumer handles one chunk of
 * text, the engine makes the next one, and no more.
 */
export class Inflation {
  readonly #engine: Engine
  readonly #compressed: AsyncIterator<Uint8Array>
  #fed = 0
  #last: Uint8Array = new Uint8Array()

  /** @param compressed not returned at the end, so that the caller can read what follows */
  constructor(engine: Engine, compressed: AsyncIterator<Uint8Array>) {
    this.#engine = engine
    this.#compressed = compressed
  }

  /** Compressed bytes read so far. */
  get compressedBytes(): number {
    return this.#engine.bytesWritten
  }

  /** @throws Corruption */
  async *text(): AsyncGenerator<Uint8Array> {
    const feeding = this.#feed()
    try {
      yield* this.#engine
    } catch (error) {
      throw asCorruption(error)
    } finally {
      this.#engine.destroy()
      await feeding
    }
  }

  /** After the text: the bytes of the last chunk that come after the end of the compressed data. */
  rest(): Uint8Array {
    return this.#last.subarray(this.#last.length - (this.#fed - this.compressedBytes))
  }

  /** Never rejects: an error becomes the engine's, and the consumer of the text gets it. */
  async #feed(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#compressed.next()
        if (done) break
        this.#last = value
        this.#fed += value.length
        await this.#write(value)
        if (this.#engine.destroyed) return
      }
      this.#engine.end()
    } catch (error) {
      this.#engine.destroy(error as Error)
    }
  }

  /** Resolves when the engine has taken the chunk, or is destroyed, because then it does not call back. */
  #write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const written = () => {
        this.#engine.off('close', written)
        resolve()
      }
      this.#engine.once('close', written)
      this.#engine.write(chunk, written)
    })
  }
}

function asCorruption(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR') return new Corruption('it ends too early')
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT' || code.startsWith('ZSTD_error_')) {
    return new Corruption(message)
  }
  return error
}
