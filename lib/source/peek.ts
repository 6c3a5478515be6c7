/**
 * A stream whose first bytes can be read without consuming them: they identify the format, and a stream returns them
 * only once.
 */
export class Peekable implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  #held: Uint8Array[] = []
  #ended = false

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#iterator = bytes[Symbol.asyncIterator]()
  }

  /**
   * The first bytes: at least `length`, unless the stream ends before. Do not write to them: they remain in the stream.
   */
  async peek(length: number): Promise<Uint8Array> {
    let held = this.#held.reduce((sum, chunk) => sum + chunk.length, 0)
    while (held < length && !this.#ended) {
      const { done, value } = await this.#iterator.next()
      if (done) {
        this.#ended = true
      } else {
        this.#held.push(value)
        held += value.length
      }
    }
    if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held)]
    return this.#held[0] ?? new Uint8Array()
  }

  /** All bytes, including those already peeked at; only once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk = this.#held.shift(); chunk; chunk = this.#held.shift()) yield chunk
      while (!this.#ended) {
        const { done, value } = await this.#iterator.next()
        if (done) this.#ended = true
        else yield value
      }
    } finally {
      await this.close()
    }
  }

  /** Releases the stream if it is not iterated over. */
  async close(): Promise<void> {
    this.#held = []
    this.#ended = true
    await this.#iterator.return?.()
  }
}
