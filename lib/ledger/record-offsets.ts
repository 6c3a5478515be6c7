import { hasOwnEscape } from '../csv/dialect.js'
import { recordsBetween } from '../csv/records.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'

/**
 * Where the records of a range begin, for a source that nobody can read again: for each record the bytes and the lines
 * from the one before it, as variable-length numbers (seven bits a byte, the lowest first, as in LEB128).
 */

/** Where a record begins. */
export interface RecordOffset {
  readonly byte: number
  readonly line: number
}

const LF = 0x0a
const CR = 0x0d

/** @param read fills a buffer from an absolute offset of the range's source */
export function writeRecordOffsets(
  range: Range,
  plan: SourcePlan,
  read: (into: Uint8Array, offset: number) => void,
): Buffer {
  const places = new PlaceWriter(range)
  if (range.flagged || !range.block || hasOwnEscape(plan.dialect)) {
    const start = { offset: range.start, line: range.line }
    for (const { byte, line } of recordsBetween(start, range.end, { ...plan, read })) places.add(byte, line)
  } else {
    addRegular(places, range.block, range, plan.dialect.quote)
  }
  return places.written
}

/** Where all is well every quote toggles, and a line end outside quotes ends a record. */
function addRegular(
  places: PlaceWriter,
  block: Uint8Array,
  { start, line: first }: Range,
  quote: number,
): void {
  let [quoted, line, begins] = [false, first, true]
  for (let at = 0; at < block.length; at += 1) {
    if (begins) places.add(start + at, line)
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

class PlaceWriter {
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
    // Nine bytes hold every number there is.
    if (this.#length + 9 > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, this.#buffer])
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = (rest % 128) | 0x80
    this.#buffer[this.#length++] = rest
  }
}
