import { isUtf8 } from 'node:buffer'
import { UTF8 } from '../catalog/encoding.js'
import { FieldCounter } from '../csv/field-counter.js'
import { forCopy } from '../csv/for-copy.js'
import { isMixed, type ScanState } from '../csv/scan.js'
import type { Reject } from '../ledger/rejects.js'
import { type Piece, piecesBetween } from '../ranges/pieces.js'
import { recordsOf } from '../ranges/records.js'
import { CopyText } from './copy-text.js'
import type { SourcePlan } from './protocol.js'
import { judge } from './verdict.js'

/**
 * Bytes. So much is read record by record for one bad record. Smaller pieces would cost more where all is
 * well.
 */
export const PIECE = 4 * 1024

/** From so many rejects on, or so many bytes of them, they are recorded before the text goes on. */
const ENOUGH_REJECTS = 10_000
const ENOUGH_BYTES = 4 * 1024 * 1024

/** What of a source is made to text. */
export interface Stretch {
  readonly source: number
  readonly start: ScanState
  /** A certain record end. */
  readonly end: number
  readonly read: (into: Uint8Array, offset: number) => void
}

/**
 * The good records of a stretch as text that COPY takes, and the bad ones as rejects. Pieces in which all is well
 * go through whole, as they stand; the others are taken record by record.
 *
 * To be iterated once, to its end. It may end before the stretch does, when there are many rejects to record.
 */
export class CleanText implements Iterable<Uint8Array> {
  readonly #plan: SourcePlan
  readonly #stretch: Stretch
  readonly #fieldCounter: FieldCounter
  readonly rejects: Reject[] = []
  #rejectedBytes = 0
  #copied = 0
  #reached: ScanState

  constructor(plan: SourcePlan, stretch: Stretch) {
    this.#plan = plan
    this.#stretch = stretch
    this.#fieldCounter = new FieldCounter(plan.dialect)
    this.#reached = stretch.start
  }

  get start(): ScanState {
    return this.#stretch.start
  }

  /** Records that COPY got. */
  get copied(): number {
    return this.#copied
  }

  /** Behind the last piece that was begun. */
  get reached(): ScanState {
    return this.#reached
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    const { start, end, read } = this.#stretch
    const { dialect, maxRecord } = this.#plan
    const text = new CopyText(end - start.offset)
    for (const piece of piecesBetween(start, end, { dialect, maxRecord, read, size: PIECE })) {
      this.#reached = piece.next
      text.endLinesLike(piece.bytes, piece.recordEnds)
      for (const part of this.#partsOf(piece, text.recordEnds)) {
        if (!text.hasRoomFor(part)) yield text.take()
        text.add(part)
      }
      if (this.rejects.length >= ENOUGH_REJECTS || this.#rejectedBytes >= ENOUGH_BYTES) break
    }
    const rest = text.take()
    if (rest.length > 0) yield rest
  }

  *#partsOf(piece: Piece, recordEnds: number): Generator<Buffer> {
    const { columns } = this.#plan
    if (this.#isClean(piece, recordEnds)) {
      this.#copied += piece.records
      yield forCopy(piece.bytes, this.#plan)
      return
    }
    for (const record of recordsOf(piece, this.#plan)) {
      const verdict = judge(record, columns, this.#plan, this.#fieldCounter)
      if ('text' in verdict) {
        this.#copied += 1
        yield verdict.text
      } else {
        const { byte, line, bytes, complete } = record
        const { source } = this.#stretch
        const reject = { source, byte, line, reason: verdict.reason, record: Buffer.from(bytes) }
        this.rejects.push({ ...reject, complete, staged: false })
        this.#rejectedBytes += bytes.length
      }
    }
  }

  /** Whether COPY takes all of the piece as it stands, behind lines that end like these. */
  #isClean(piece: Piece, textEnds: number): boolean {
    const { bytes, fault, irregular, recordEnds } = piece
    if (fault !== undefined || irregular || isMixed(recordEnds | textEnds)) return false
    if (bytes.includes(0)) return false
    if (this.#plan.encoding === UTF8 && !isUtf8(bytes)) return false
    return this.#fieldCounter.allHave(this.#plan.columns, bytes)
  }
}
