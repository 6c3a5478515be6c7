import { hasOwnEscape } from '../csv/dialect.js'
import { recordsBetween } from '../csv/records.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'

/**
 * The offsets at which the records of a range begin, stored for sources that cannot be read again. For each record, the bytes
 * and the lines since the previous one are encoded as LEB128 (variable-length numbers, seven bits a byte, the lowest first).
 */

/** Where a record begins. */
export interface RecordOffset {
  readonly byte: number
  readonly line: number
}

const LF = 0x0a
const CR = 0x0d

/** @param read fills a buffer from an offset in the range's source */
export function writeRecordOffsets(
  range: Range,
  plan: SourcePlan,
  read: (into: Uint8Array, offset: number) => void,
): Buffer {
  const offsets = new OffsetWriter(range)
  if (range.flagged || !range.block || hasOwnEscape(plan.dialect)) {
    const start = { offset: range.start, line: range.line }
    for (const { byte, line } of recordsBetween(start, range.end, { ...plan, read })) offsets.add(byte, line)
  } else {
    addRegular(offsets, range.block, range, plan.dialect.quote)
  }
  return offsets.written
}

/** In a well-formed range, every quote begins or ends a quoted part, and a line end outside quotes ends a record. */
function addRegular(
  offsets: OffsetWriter,
  block: Uint8Array,
  { start, line: first }: Range,
  quote: number,
): void {
  let [quoted, line, begins] = [false, first, true]
  for (let at = 0; at < block.length; at += 1) {
    if (begins) offsets.add(start + at, line)
    begins = false
    const byte = block[at]
    if (byte === quote) quoted = !quoted
    if (byte !== LF && byte !== CR) continue
    if (byte === CR && block[at + 1] === LF) at += 1
    line += 1
    begins = !quoted
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

  constructor({ start, line, records }: Range) {
    this.#buffer = Buffer.allocUnsafe(4 * records + 16)
    this.#byte = start
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
