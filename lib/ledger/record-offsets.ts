import { CHUNK, piecesBetween } from '../csv/pieces.js'
import { recordsOf } from '../csv/records.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'

/**
 * The offsets at which the records of a range begin: stored when a stream is staged, which can be read again from its
 * beginning only, if at all, and with the history of a run. For each record, the bytes and the lines since the previous one are
 * encoded as LEB128 (variable-length numbers, seven bits a byte, the lowest first).
 */

/** Where a record begins. */
export interface RecordOffset {
  readonly byte: number
  readonly line: number
}

/** A range of which is known where it begins and ends. */
export type StartedRange = Pick<Range, 'start' | 'end' | 'line'>

/** Bytes of a piece, but of one with a longer record. A piece with a faulty record is read record by record. */
const PIECE = 64 * 1024

/** Finds the offsets of the records of ranges, one after the other, in memory that is touched once. */
export class RecordOffsets {
  readonly #memory = {
    chunk: Buffer.allocUnsafeSlow(CHUNK),
    starts: new Int32Array(PIECE),
    lines: new Int32Array(PIECE),
  }

  /**
   * @param read fills a buffer from an offset in the range's source
   * @returns the offsets as they are stored
   */
  of(
    { start: offset, end, line }: StartedRange,
    plan: SourcePlan,
    read: (into: Uint8Array, offset: number) => void,
  ): Buffer {
    const written = new OffsetWriter(offset, line)
    const { starts, lines } = this.#memory
    for (const piece of piecesBetween({ offset, line }, end, {
      ...plan,
      ...this.#memory,
      read,
      size: PIECE,
    })) {
      const { start, fault, records } = piece
      if (fault) {
        for (const record of recordsOf(piece, plan)) written.add(record.byte, record.line)
        continue
      }
      for (let index = 0; index < records; index += 1) {
        written.add(start.offset + (starts[index] as number), start.line + (lines[index] as number))
      }
    }
    return written.written
  }
}

export function* readRecordOffsets(
  written: Uint8Array,
  { byte: from, line: first }: RecordOffset,
): Generator<RecordOffset> {
  let [byte, line] = [from, first]
  for (let at = 0; at < written.length; ) {
    const numbers = [0, 0]
    for (const index of [0, 1]) {
      let scale = 1
      for (let more = true; more; at += 1) {
        const part = written[at] as number
        numbers[index] = (numbers[index] as number) + (part & 0x7f) * scale
        scale *= 128
        more = part >= 0x80
      }
    }
    byte += numbers[0] as number
    line += numbers[1] as number
    yield { byte, line }
  }
}

class OffsetWriter {
  #buffer: Buffer
  #length = 0
  #byte: number
  #line: number

  constructor(byte: number, line: number) {
    this.#buffer = Buffer.allocUnsafe(4096)
    this.#byte = byte
    this.#line = line
  }

  get written(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  add(byte: number, line: number): void {
    this.#write(byte - this.#byte)
    this.#write(line - this.#line)
    this.#byte = byte
    this.#line = line
  }

  #write(value: number): void {
    // The largest number (53 bits) takes eight bytes.
    if (this.#length + 8 > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, this.#buffer])
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = (rest % 128) | 0x80
    this.#buffer[this.#length++] = rest
  }
}
