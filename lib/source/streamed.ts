import { type Growth, limited } from './limits.js'
import type { Origin } from './origins/origin.js'
import { notRepeatable } from './origins/pipe.js'
import { Peekable } from './peek.js'
import type { Source } from './source.js'

/** A step in turning an origin's bytes into text: decompression or decoding. */
export interface Layer {
  /** `gzip`, `UTF-16LE`, … */
  readonly name: string
  apply(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/**
 * Text that can only be read in order: from a pipe, the network, an archive, or a conversion. Going back starts the stream
 * again, if the origin can be read again.
 */
export class StreamedSource implements Source {
  readonly location = undefined
  readonly #origin: Origin
  readonly #limits: Growth
  readonly #layers: readonly Layer[]
  /** Bytes read from the origin; shared with sources that continue the same stream. */
  #taken = { bytes: 0 }
  #text: Peekable | undefined
  #rest: AsyncIterator<Uint8Array> | undefined
  #chunk: Uint8Array = new Uint8Array()
  /** The offset of the first byte of `#chunk`. */
  #offset = 0
  #ended = false
  /** The result of `head`, in case it is called again after the text was read. */
  #head: Uint8Array | undefined
  /** The same origin with one more layer. */
  #upper: StreamedSource | undefined

  constructor(
    readonly ordinal: number,
    origin: Origin,
    limits: Growth,
    layers: readonly Layer[] = [],
  ) {
    this.#origin = origin
    this.#limits = limits
    this.#layers = layers
  }

  get kind(): string {
    return [this.#origin.kind, ...this.#layers.map(({ name }) => name)].join(' ')
  }

  get name(): string {
    return this.#origin.name
  }

  get path(): string | null {
    return this.#origin.path
  }

  get size(): number | undefined {
    return this.#origin.size
  }

  get consumed(): number {
    return this.#origin.taken ?? this.#taken.bytes
  }

  get repeatable(): boolean {
    return this.#origin.repeatable
  }

  get identity(): Origin['identity'] {
    return this.#origin.identity
  }

  async head(length: number): Promise<Uint8Array> {
    if (this.#head && this.#head.length >= length) return this.#head.subarray(0, length)
    if (this.#rest || this.#ended) await this.#goBack()
    this.#text ??= new Peekable(this.#open())
    const bytes = await this.#text.peek(length)
    this.#head = bytes.slice(0, length)
    return this.#head
  }

  /** The same origin with one more layer. It takes over the bytes read so far; a second call returns the same source. */
  with(layer: Layer): StreamedSource {
    if (this.#upper) return this.#upper
    const upper = new StreamedSource(this.ordinal, this.#origin, this.#limits, [...this.#layers, layer])
    upper.#taken = this.#taken
    if (this.#text) upper.#text = new Peekable(upper.#limited(layer.apply(this.#text)))
    this.#upper = upper
    return upper
  }

  async decoded(encoding: string): Promise<Source> {
    const { decode } = await import('./decoded/decoding.js')
    return this.with({ name: encoding, apply: (bytes) => decode(encoding, bytes) })
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    if (offset < this.#offset) await this.#goBack()
    let filled = 0
    while (filled < into.length) {
      const from = offset + filled - this.#offset
      if (from >= this.#chunk.length) {
        if (!(await this.#next())) break
        continue
      }
      const found = this.#chunk.subarray(from, from + into.length - filled)
      into.set(found, filled)
      filled += found.length
    }
    return filled
  }

  /** Bytes from a network are not requested twice. */
  async rest(): Promise<void> {
    if (this.#origin.kind !== 'file') return
    await this.#release()
    this.#head = undefined
  }

  async verifyUnchanged(): Promise<void> {
    await this.#origin.verifyUnchanged()
  }

  async close(): Promise<void> {
    // First, so that no reader waits for ever.
    await this.#origin.close()
    if (this.#upper) await this.#upper.#release()
    await this.#release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** @returns whether there is more text */
  async #next(): Promise<boolean> {
    if (this.#ended) return false
    this.#text ??= new Peekable(this.#open())
    this.#rest ??= this.#text[Symbol.asyncIterator]()
    this.#offset += this.#chunk.length
    const { value, done } = await this.#rest.next()
    this.#chunk = done ? new Uint8Array() : value
    if (!done) return true
    // Frees the decompressor's memory, because the sources of a run stay open.
    this.#ended = true
    await this.#release()
    return false
  }

  async #goBack(): Promise<void> {
    if (!this.repeatable) throw notRepeatable(this.name)
    await this.#release()
    this.#chunk = new Uint8Array()
    this.#offset = 0
    this.#ended = false
  }

  async #release(): Promise<void> {
    const [rest, text] = [this.#rest, this.#text]
    this.#rest = undefined
    this.#text = undefined
    if (rest) await rest.return?.()
    else await text?.close()
  }

  #open(): AsyncIterable<Uint8Array> {
    const raw: AsyncIterable<Uint8Array> = this.#counted(this.#origin.stream())
    return this.#limited(this.#layers.reduce((bytes, layer) => layer.apply(bytes), raw))
  }

  #limited(text: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return limited(text, { ...this.#limits, name: this.name, compressedBytes: () => this.consumed })
  }

  async *#counted(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#taken.bytes = 0
    for await (const chunk of raw) {
      this.#taken.bytes += chunk.length
      yield chunk
    }
  }
}
