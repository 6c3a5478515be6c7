/**
 * Bytes whose beginning can be looked at before they are taken: what they are is found out from the bytes themselves,
 * and a stream gives them only once.
 */
export class Peekable implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  #held: Uint8Array[] = []
  #ended = false

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#iterator = bytes[Symbol.asyncIterator]()
  }

  /**
   * The first bytes: at least `length` unless the end comes before. They stay, to be iterated over, so nobody may write
   * to them.
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

  /** All bytes, from the first on; once. */
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

  /** Gives back what the bytes come from; for whoever does not iterate over them. */
  async close(): Promise<void> {
    this.#held = []
    this.#ended = true
    await this.#iterator.return?.()
  }
}
