import { DasyError } from '../base/errors.js'
import type { RangeReader } from './reader.js'

/** Reads a source whose size is known. If requested bytes are missing, the source has changed. */
export class ExactReader {
  readonly #reader: Pick<RangeReader, 'read'>
  readonly #file: string

  /** @param file its name, for errors */
  constructor(reader: Pick<RangeReader, 'read'>, file: string) {
    this.#reader = reader
    this.#file = file
  }

  /**
   * Fills `into` from an offset in the source.
   * @throws DasyError SOURCE_CHANGED, READ_FAILED
   */
  readonly read = (into: Uint8Array, offset: number): void => {
    const length = this.#reader.read(into, offset)
    if (length < into.length) throw this.changed(`it now ends at byte ${offset + length}`)
  }

  /** @param how it shows: `it now ends at byte 5` */
  changed(how: string): DasyError {
    return new DasyError('SOURCE_CHANGED', `${this.#file} changed while it was being read: ${how}`, {
      hint: 'Wait until the file is complete, then run the command again.',
      details: { file: this.#file },
    })
  }
}
