import { piecesBetween } from '../csv/pieces.js'
import { RecordClassifier } from '../csv/record-classifier.js'
import type { Reject } from '../csv/reject.js'
import type { ScanState } from '../csv/scan.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import { CopyText } from './copy-text.js'

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
  readonly #sorter: RecordClassifier
  #copied = 0
  #reached: ScanState

  constructor(plan: SourcePlan, stretch: Stretch) {
    this.#plan = plan
    this.#stretch = stretch
    this.#sorter = new RecordClassifier(plan, stretch.source)
    this.#reached = stretch.start
  }

  get rejects(): readonly Reject[] {
    return this.#sorter.rejects
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
    const { dialect, maxRecord, columns } = this.#plan
    const text = new CopyText(end - start.offset)
    for (const piece of piecesBetween(start, end, { dialect, maxRecord, columns, read, size: PIECE })) {
      this.#reached = piece.next
      text.endLinesLike(piece.bytes, piece.recordEnds)
      for (const part of this.#sorter.sort(piece, text.recordEnds)) {
        if (!text.hasRoomFor(part.text)) yield text.take()
        text.add(part.text)
        this.#copied += part.records
      }
      if (this.rejects.length >= ENOUGH_REJECTS || this.#sorter.rejectedBytes >= ENOUGH_BYTES) break
    }
    const rest = text.take()
    if (rest.length > 0) yield rest
  }
}
