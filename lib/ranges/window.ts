import type { Source } from '../source/source.js'

/** The part of a stream that is in memory: bytes from a record boundary on, as many as the buffer holds. */
export class Window {
  readonly #source: Source
  readonly #end: number
  readonly #allocate: (base: number, least: number) => Uint8Array
  #buffer: Uint8Array
  #base: number
  #filled = 0
  #final = false

  /**
   * @param base the offset in the text at which the window begins
   * @param end the offset at which the text ends; infinite if unknown
   * @param allocate returns a buffer of at least `least` bytes for the text at the offset `base`
   */
  constructor(
    source: Source,
    base: number,
    end: number,
    allocate: (base: number, least: number) => Uint8Array,
  ) {
    this.#source = source
    this.#base = base
    this.#end = end
    this.#allocate = allocate
    this.#buffer = allocate(base, 1)
  }

  /** Whether the text ends with these bytes. */
  get final(): boolean {
    return this.#final
  }

  get isEmpty(): boolean {
    return this.#filled === 0
  }

  /** The bytes from an offset in the text. */
  from(offset: number): Uint8Array {
    return this.#buffer.subarray(offset - this.#base, this.#filled)
  }

  /** Reads until the buffer is full or the text ends. */
  async fill(): Promise<void> {
    const at = this.#base + this.#filled
    const wanted = Math.min(this.#buffer.length - this.#filled, this.#end - at)
    if (this.#final || wanted === 0) {
      this.#final ||= at === this.#end
      return
    }
    const length = await this.#source.read(this.#buffer.subarray(this.#filled, this.#filled + wanted), at)
    this.#filled += length
    this.#final = length < wanted || at + length === this.#end
  }

  /** Returns the bytes before an offset together with their buffer; the rest is copied to a new buffer. */
  detach(offset: number): Uint8Array {
    const rest = this.from(offset)
    const next = this.#allocate(offset, rest.length)
    next.set(rest)
    const detached = this.#buffer.subarray(0, offset - this.#base)
    this.#buffer = next
    this.#base = offset
    this.#filled = rest.length
    return detached
  }

  /** Drops the bytes before an offset. */
  drop(offset: number): void {
    this.#buffer.copyWithin(0, offset - this.#base, this.#filled)
    this.#filled -= offset - this.#base
    this.#base = offset
  }

  /** Makes room for a record that is longer than the buffer. */
  grow(): void {
    const larger = new Uint8Array(2 * this.#buffer.length)
    larger.set(this.#buffer.subarray(0, this.#filled))
    this.#buffer = larger
  }
}
