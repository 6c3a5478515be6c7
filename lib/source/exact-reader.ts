import { DasyError } from '../base/errors.js'
import type { RangeReader } from './reader.js'

/** Reads a source whose size is known: all that is asked for is there, or it has changed. */
export class ExactReader {
  readonly #reader: Pick<RangeReader, 'read'>
  readonly #file: string

  /** @param file its name, for errors */
  constructor(reader: Pick<RangeReader, 'read'>, file: string) {
    this.#reader = reader
    this.#file = file
  }

  /** @throws DasyError SOURCE_CHANGED, READ_FAILED */
  readonly read = (into: Uint8Array, offset: number): void => {
    const length = this.#reader.read(into, offset)
    if (length < into.length) throw this.changed(`it now ends at byte ${offset + length}`)
  }

  changed(how: string): DasyError {
    return new DasyError('SOURCE_CHANGED', `${this.#file} was changed while it was read: ${how}`, {
      hint: 'Wait until the file is complete, then run the command again.',
      details: { file: this.#file },
    })
  }
}
