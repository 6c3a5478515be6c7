import type { Transform } from 'node:stream'
import type { Zlib } from 'node:zlib'
import { Corruption } from './corruption.js'

/** Bytes of text that an engine makes at a time. */
export const CHUNK_SIZE = 512 * 1024

/** A decompressor of node:zlib. */
export type Engine = Transform & Zlib

/**
 * A run of compressed bytes on its way through an engine, in the thread pool: while somebody looks at one chunk of text
 * the next is made, and not more.
 */
export class Inflation {
  readonly #engine: Engine
  readonly #compressed: AsyncIterator<Uint8Array>
  #fed = 0
  #last: Uint8Array = new Uint8Array()

  /** @param compressed stays whoever's it is: it is not returned, so that what follows can be taken from it */
  constructor(engine: Engine, compressed: AsyncIterator<Uint8Array>) {
    this.#engine = engine
    this.#compressed = compressed
  }

  /** Bytes that the text so far was made of. */
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

  /** Behind the text: what the engine did not want of its last chunk, as the format had ended before. */
  rest(): Uint8Array {
    return this.#last.subarray(this.#last.length - (this.#fed - this.compressedBytes))
  }

  /** Never fails: what goes wrong is the engine's error, and thereby that of whoever takes the text. */
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

  /** Until the engine has taken all of it, or is gone: it does not call back then. */
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
