import { isUtf8 } from 'node:buffer'
import { UTF8 } from './encoding.js'
import { FieldCounter } from './field-counter.js'
import { forCopy } from './for-copy.js'
import type { RecordFormat } from './format.js'
import type { Piece } from './pieces.js'
import { classifyRecord } from './record-result.js'
import { recordsOf, type SourceRecord } from './records.js'
import type { Reject } from './reject.js'
import { isMixed } from './scan.js'

const NOTHING = Buffer.alloc(0)

/** Good records, as text for COPY. */
export interface CleanPart {
  /** Valid until the next part is requested. */
  readonly text: Buffer
  readonly records: number
  /** Where it comes from: a whole piece, or one record. */
  readonly from: Piece | SourceRecord
  /** Whether it is a good record that is left out: there is no text then. */
  readonly isOmitted?: boolean
}

/** Records by their offsets in the source. */
interface RecordSet {
  has(offset: number): boolean
  overlaps(from: number, to: number): boolean
}

/** Good records that are no part of the text nevertheless. */
export interface LeftOut {
  /** Of no use. */
  readonly omitted: RecordSet
  /** Rejected, because they have no key. */
  readonly keyless: RecordSet
}

/** Separates the records of a source, piece by piece: good ones become text for COPY, bad ones rejects. */
export class RecordClassifier {
  readonly #format: RecordFormat
  readonly #source: number
  readonly #fieldCounter: FieldCounter
  readonly #left: LeftOut | undefined
  #rejects: Reject[] = []
  #rejectedBytes = 0

  /** @param source its number, from 0 */
  constructor(format: RecordFormat, source: number, left?: LeftOut) {
    this.#format = format
    this.#source = source
    this.#left = left
    this.#fieldCounter = new FieldCounter(format.dialect)
  }

  /** In the order of the source. */
  get rejects(): readonly Reject[] {
    return this.#rejects
  }

  get rejectedBytes(): number {
    return this.#rejectedBytes
  }

  /** Returns the rejects so far, and starts a new list. */
  takeRejects(): readonly Reject[] {
    const taken = this.#rejects
    if (taken.length > 0) this.#rejects = []
    this.#rejectedBytes = 0
    return taken
  }

  /**
   * A piece without a bad record is one part, with its bytes unchanged; any other is read record by record.
   * @param textEnds the kinds of record ends (as in `Scanned`) in the text that this is appended to
   */
  *sort(piece: Piece, textEnds: number): Generator<CleanPart> {
    if (this.#isWhole(piece) && this.#isClean(piece, textEnds)) {
      yield { text: forCopy(piece.bytes, this.#format), records: piece.records, from: piece }
      return
    }
    for (const record of recordsOf(piece, this.#format)) {
      const result = classifyRecord(record, this.#format, this.#fieldCounter)
      if ('reason' in result) this.#reject(record, result.reason)
      else if (this.#left?.keyless.has(record.byte)) this.#reject(record, 'missing key')
      else if (this.#left?.omitted.has(record.byte))
        yield { text: NOTHING, records: 0, from: record, isOmitted: true }
      else yield { text: result.text, records: 1, from: record }
    }
  }

  /** Whether COPY would accept these whole records, if their ends are of one kind. */
  accepts(records: Uint8Array): boolean {
    if (records.includes(0)) return false
    if (this.#format.encoding === UTF8 && !isUtf8(records)) return false
    return this.#fieldCounter.allHave(this.#format.columns, records, this.#format.surplus)
  }

  #reject({ byte, line, bytes, complete }: SourceRecord, reason: string): void {
    const reject = { source: this.#source, byte, line, reason, record: Buffer.from(bytes) }
    this.#rejects.push({ ...reject, complete, staged: false })
    this.#rejectedBytes += bytes.length
  }

  /** Whether none of its records is left out. */
  #isWhole({ start, next }: Piece): boolean {
    const [from, to] = [start.offset, next.offset]
    return !this.#left?.omitted.overlaps(from, to) && !this.#left?.keyless.overlaps(from, to)
  }

  /** Whether COPY accepts the piece unchanged, after text with these record ends. */
  #isClean(piece: Piece, textEnds: number): boolean {
    const { bytes, fault, irregular, recordEnds } = piece
    if (fault !== undefined || irregular || isMixed(recordEnds | textEnds)) return false
    return this.accepts(bytes)
  }
}
