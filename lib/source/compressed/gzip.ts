import { createGunzip } from 'node:zlib'
import { Corruption } from './corruption.js'
import { CHUNK_SIZE, Inflation } from './inflation.js'

/** A gzip file: one member, or several in a row, as `cat a.gz b.gz` and pigz write them. */
export class Gunzip {
  readonly #compressed: AsyncIterator<Uint8Array>
  #inflation: Inflation | undefined

  constructor(compressed: AsyncIterable<Uint8Array>) {
    this.#compressed = compressed[Symbol.asyncIterator]()
  }

  get compressedBytes(): number {
    return this.#inflation?.compressedBytes ?? 0
  }

  /** @throws Corruption */
  async *text(): AsyncGenerator<Uint8Array> {
    try {
      this.#inflation = new Inflation(createGunzip({ chunkSize: CHUNK_SIZE }), this.#compressed)
      yield* this.#inflation.text()
      await this.#passPadding(this.#inflation.rest())
    } finally {
      await this.#compressed.return?.()
    }
  }

  /** zlib stops at a zero after a member. Tapes and block devices are padded with zeros. */
  async #passPadding(rest: Uint8Array): Promise<void> {
    let chunk: Uint8Array | undefined = rest
    while (chunk) {
      if (chunk.some((byte) => byte !== 0)) throw new Corruption('data that is not gzip follows')
      const { done, value }: IteratorResult<Uint8Array> = await this.#compressed.next()
      chunk = done ? undefined : value
    }
  }
}
