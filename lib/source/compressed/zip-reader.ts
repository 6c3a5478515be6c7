import { RandomAccessReader } from 'yauzl'
import type { Origin } from '../origins/origin.js'

/** An origin that can be read from any offset. */
export type SeekableOrigin = Origin & { readonly size: number; readonly readAt: Origin['readAt'] & {} }

/** Bytes read at a time: yauzl reads a directory in small steps, each of which would be a request to a server. */
const WINDOW = 256 * 1024

/** Lets yauzl read an archive's directory from any seekable origin. */
export class ZipReader extends RandomAccessReader {
  readonly #origin: SeekableOrigin
  #start = 0
  #window: Uint8Array = new Uint8Array()

  constructor(origin: SeekableOrigin) {
    super()
    this.#origin = origin
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#cover(position, length).then(() => {
      const from = position - this.#start
      const bytes = this.#window.subarray(from, from + length)
      into.set(bytes, offset)
      callback(null, bytes.length)
    }, callback)
  }

  /** It does not own the origin. */
  override close(callback: (error: Error | null) => void): void {
    callback(null)
  }

  async #cover(position: number, length: number): Promise<void> {
    if (position >= this.#start && position + length <= this.#start + this.#window.length) return
    const window = new Uint8Array(Math.max(length, WINDOW))
    const read = await this.#origin.readAt(window, position)
    this.#window = window.subarray(0, read)
    this.#start = position
  }
}
