import type { Readable } from 'node:stream'
import { DasyError, reasonOf } from '../../base/errors.js'
import { isUrl } from '../url.js'
import type { Origin } from './origin.js'

/** Standard input, or a named pipe: bytes that come once, in one order, of unknown number. */
export class PipeOrigin implements Origin {
  readonly kind = 'pipe'
  readonly path = null
  readonly size = undefined
  readonly repeatable = false
  readonly identity = {}
  readonly #stream: Readable
  #taken = false

  constructor(
    readonly name: string,
    stream: Readable,
    signal?: AbortSignal,
  ) {
    this.#stream = stream
    // A reader must not wait for ever for bytes that never come.
    signal?.addEventListener('abort', () => stream.destroy(), { once: true })
    // The reader gets the error; until then it must not end the process.
    stream.on('error', () => {})
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#taken) throw notRepeatable(this.name)
    this.#taken = true
    try {
      yield* this.#stream
    } catch (error) {
      throw new DasyError('READ_FAILED', `${this.name} cannot be read: ${reasonOf(error)}`, {
        hint: 'Check the program at the other end of the pipe.',
        details: { file: this.name },
        cause: error,
      })
    }
  }

  async verifyUnchanged(): Promise<void> {}

  async close(): Promise<void> {
    // Tells the program at the other end that nobody reads.
    this.#stream.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

export function notRepeatable(name: string): DasyError {
  const why = isUrl(name) ? 'its server sends neither ETag nor Last-Modified' : 'it is a pipe'
  return new DasyError('NOT_REPEATABLE', `${name} cannot be read a second time: ${why}`, {
    hint: 'Run the whole command again.',
    details: { file: name },
  })
}
