import type { Readable } from 'node:stream'
import { DasyError, reasonOf } from '../../base/errors.js'
import { isUrl } from '../url.js'
import type { Origin } from './origin.js'

/** Standard input, or a named pipe: it can be read once, in order, and its size is unknown. */
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
    // Otherwise a reader could wait for ever for more bytes.
    signal?.addEventListener('abort', () => stream.destroy(), { once: true })
    // A reader gets the error. If there is none yet, the error must not end the process.
    stream.on('error', () => {})
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#taken) throw notRepeatable(this.name)
    this.#taken = true
    try {
      yield* this.#stream
    } catch (error) {
      throw new DasyError('READ_FAILED', `cannot read ${this.name}: ${reasonOf(error)}`, {
        hint: 'Check the program at the other end of the pipe.',
        details: { file: this.name },
        cause: error,
      })
    }
  }

  async verifyUnchanged(): Promise<void> {}

  async close(): Promise<void> {
    // The program at the other end gets a signal or an error if it writes more.
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
