import { Corruption } from './compressed/corruption.js'

/** Reads an exact number of bytes from a stream of chunks. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #taken = 0

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  /** The number of bytes read, including skipped ones. */
  get taken(): number {
    return this.#taken
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return true
      this.#chunk = value
    }
    return false
  }

  /**
   * Reads exactly this many bytes. The result shares the chunk's memory if one chunk contains them.
   * @throws Corruption if there are fewer
   */
  async take(length: number): Promise<Uint8Array> {
    if (length <= this.#chunk.length) return this.#upTo(length)
    const parts: Uint8Array[] = []
    for (let missing = length; missing > 0; ) {
      if (await this.isAtEnd()) throw new Corruption('it ends too early')
      const part = this.#upTo(missing)
      parts.push(part)
      missing -= part.length
    }
    return Buffer.concat(parts, length)
  }

  /**
   * Skips exactly this many bytes.
   * @throws Corruption if there are fewer
   */
  async pass(length: number): Promise<void> {
    for (let missing = length; missing > 0; ) {
      if (await this.isAtEnd()) throw new Corruption('it ends too early')
      missing -= this.#upTo(missing).length
    }
  }

  #upTo(length: number): Uint8Array {
    const part = this.#chunk.subarray(0, length)
    this.#chunk = this.#chunk.subarray(part.length)
    this.#taken += part.length
    return part
  }
}
