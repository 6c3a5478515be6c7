import type { Origin } from '../../lib/source/origins/origin.js'

/** An origin whose bytes are in memory, and which tells what was read of it. */
export class MemoryOrigin implements Origin {
  readonly kind: Origin['kind']
  readonly name = 'archive.zip'
  readonly path = null
  readonly repeatable = true
  readonly identity = {}
  readonly size: number | undefined
  readonly readAt?: (into: Uint8Array, offset: number) => Promise<number>
  reads = 0
  /** Thrown by whoever reads behind it. */
  breaksAt = Number.POSITIVE_INFINITY
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, kind: Origin['kind'] = 'file', isSeekable = true) {
    this.#bytes = bytes
    this.kind = kind
    this.size = isSeekable ? bytes.length : undefined
    if (isSeekable) this.readAt = (into, offset) => this.#read(into, offset)
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.from(this.#bytes)
  }

  async verifyUnchanged(): Promise<void> {}

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  async #read(into: Uint8Array, offset: number): Promise<number> {
    this.reads += 1
    if (offset + into.length > this.breaksAt) throw new Error('the disk is gone')
    const part = this.#bytes.subarray(offset, offset + into.length)
    into.set(part)
    return part.length
  }
}
