import { hasOwnEscape } from '../csv/dialect.js'
import { piecesBetween } from '../csv/pieces.js'
import { recordsOf } from '../csv/records.js'
import type { ScanState } from '../csv/scan.js'
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

const LF = 0x0a
const CR = 0x0d

/** A range of which is known where it begins and ends. */
export type StartedRange = Pick<Range, 'start' | 'end' | 'line'> & Partial<Pick<Range, 'block' | 'flagged'>>

/** Bytes of a piece. A piece with an irregular record is read record by record. */
const PIECE = 64 * 1024

/** @param read fills a buffer from an offset in the range's source */
export function writeRecordOffsets(
  range: StartedRange,
  plan: SourcePlan,
  read: (into: Uint8Array, offset: number) => void,
): Buffer {
  const { start: offset, end, line, block, flagged } = range
  const { dialect } = plan
  const offsets = new OffsetWriter(range)
  const isKnown = block !== undefined && flagged === false
  if (isKnown && !hasOwnEscape(dialect)) {
    addRegular(offsets, block, { offset, line }, dialect.quote)
    return offsets.written
  }
  for (const piece of piecesBetween({ offset, line }, end, { ...plan, read, size: PIECE })) {
    const isRegular = piece.fault === undefined && !piece.irregular && !hasOwnEscape(dialect)
    if (isRegular) addRegular(offsets, piece.bytes, piece.start, dialect.quote)
    else for (const record of recordsOf(piece, plan)) offsets.add(record.byte, record.line)
  }
  return offsets.written
}

/** Of well-formed records: every quote begins or ends a quoted part, and a line end outside quotes ends a record. */
function addRegular(
  offsets: OffsetWriter,
  bytes: Uint8Array,
  { offset: start, line: first }: ScanState,
  quote: number,
): void {
  let [quoted, line, begins] = [false, first, true]
  for (let at = 0; at < bytes.length; at += 1) {
    if (begins) offsets.add(start + at, line)
    begins = false
    const byte = bytes[at]
    if (byte === quote) quoted = !quoted
    if (byte !== LF && byte !== CR) continue
    if (byte === CR && bytes[at + 1] === LF) at += 1
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

  constructor({ start, line }: StartedRange) {
    this.#buffer = Buffer.allocUnsafe(4096)
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
