import { piecesBetween } from '../csv/pieces.js'
import { type LeftOut, RecordClassifier } from '../csv/record-classifier.js'
import type { Reject } from '../csv/reject.js'
import type { ScanState } from '../csv/scan.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import { CopyText } from './copy-text.js'

/**
 * Bytes of a piece. A bad record makes one piece of the source be read record by record; smaller pieces would make
 * sources without bad records slower.
 */
export const PIECE = 4 * 1024

/** At this number of rejects, or of their bytes, the text ends, so that they can be recorded. */
const MOST_REJECTS = 10_000
const MOST_REJECTED_BYTES = 4 * 1024 * 1024

/** A part of a source, between two record boundaries. */
interface Section {
  /** Ordinal of the source. */
  readonly source: number
  readonly start: ScanState
  readonly end: number
  readonly read: (into: Uint8Array, offset: number) => void
}

/**
 * The good records of a section as text for COPY, and the bad ones as rejects. Pieces without a bad record pass
 * unchanged; the others are read record by record.
 *
 * Iterate it once, to its end. It may end before the section does, when there are many rejects to record.
 */
export class CleanText implements Iterable<Uint8Array> {
  readonly #plan: SourcePlan
  readonly #section: Section
  readonly #classifier: RecordClassifier
  #copied = 0
  #leftOut = 0
  /** The rejects, by their ordinals among the records of the section. */
  readonly rejectedRecords: number[] = []
  #reached: ScanState

  constructor(plan: SourcePlan, section: Section, left?: LeftOut) {
    this.#plan = plan
    this.#section = section
    this.#classifier = new RecordClassifier(plan, section.source, left)
    this.#reached = section.start
  }

  get rejects(): readonly Reject[] {
    return this.#classifier.rejects
  }

  get start(): ScanState {
    return this.#section.start
  }

  /** Records in the text so far. */
  get copied(): number {
    return this.#copied
  }

  /** Good records so far that are not in the text. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** The end of the last piece that was read. */
  get reached(): ScanState {
    return this.#reached
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    const { start, end, read } = this.#section
    const { dialect, maxRecord, columns } = this.#plan
    const text = new CopyText(end - start.offset)
    for (const piece of piecesBetween(start, end, { dialect, maxRecord, columns, read, size: PIECE })) {
      this.#reached = piece.next
      text.endLinesLike(piece.bytes, piece.recordEnds)
      for (const part of this.#classifier.sort(piece, text.recordEnds)) {
        this.#numberRejects()
        if (part.isOmitted) {
          this.#leftOut += 1
          continue
        }
        if (!text.hasRoomFor(part.text)) yield text.take()
        text.add(part.text)
        this.#copied += part.records
      }
      this.#numberRejects()
      if (this.rejects.length >= MOST_REJECTS || this.#classifier.rejectedBytes >= MOST_REJECTED_BYTES) break
    }
    const rest = text.take()
    if (rest.length > 0) yield rest
  }

  /** Numbers the rejects that have no ordinal yet: they follow the records that are copied or left out. */
  #numberRejects(): void {
    const numbered = this.rejectedRecords
    while (numbered.length < this.rejects.length)
      numbered.push(this.#copied + this.#leftOut + numbered.length)
  }
}
