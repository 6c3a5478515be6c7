import { positionOf } from '../base/position.js'
import { piecesBetween } from '../csv/pieces.js'
import type { LeftOut } from '../csv/record-classifier.js'
import { recordsBetween } from '../csv/records.js'
import type { ScanState } from '../csv/scan.js'
import type { Session } from '../db/session.js'
import { recordRejects } from '../ledger/rejects.js'
import { copyStatement, sequenceName, settingPosition } from '../ledger/staging.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { PartsOfRange } from '../ranges/record-parts.js'
import { CleanText, PIECE } from './clean-text.js'
import { copyInto } from './copy-stream.js'
import { isRefusal, Miscounted, reasonOf } from './refusal.js'

/**
 * Stages the good records of a range that COPY does not accept unchanged, and rejects the others. Runs within the
 * range's transaction.
 *
 * Most bad records are recognised before anything is sent. If PostgreSQL refuses one nevertheless (it has a character
 * that the database's encoding lacks), the text is halved until that record is found.
 */
export class Salvage {
  readonly #session: Session
  readonly #run: number
  readonly #plan: SourcePlan
  readonly #range: Range
  readonly #read: (into: Uint8Array, offset: number) => void
  readonly #copyText: string
  readonly #sequence: string | undefined
  readonly #left: LeftOut
  #copied = 0
  #leftOut = 0
  /** The rejected records, by their ordinals in the range, ascending. */
  readonly rejected: number[] = []

  /** @param read fills a buffer from an absolute byte offset of the range's source, or throws */
  constructor(
    session: Session,
    plan: LoadPlan,
    worker: number,
    range: Range,
    read: (into: Uint8Array, offset: number) => void,
  ) {
    this.#session = session
    this.#run = plan.run
    this.#plan = plan.sources[range.source] as SourcePlan
    this.#range = range
    this.#read = read
    this.#copyText = copyStatement(plan, this.#plan, worker)
    this.#sequence = plan.direct ? undefined : sequenceName(plan.run, worker)
    this.#left = {
      omitted: new PartsOfRange(range.start, range.omitted),
      keyless: new PartsOfRange(range.start, range.keyless),
    }
  }

  get records(): number {
    return this.#copied + this.#leftOut + this.rejected.length
  }

  async run(): Promise<void> {
    const { start, line, end } = this.#range
    await this.#stage({ offset: start, line }, end)
  }

  /** Stages what is between two record boundaries. */
  async #stage(start: ScanState, end: number): Promise<void> {
    for (let at = start; at.offset < end; ) {
      const { source } = this.#range
      const section = { source, start: at, end, read: this.#read }
      const text = new CleanText(this.#plan, section, this.#left)
      const refusal = await this.#copy(text)
      const middle = refusal && this.#middle(at, text.reached.offset)
      if (middle) await this.#stage(at, middle.offset)
      else if (refusal) await this.#reject(at, text.reached.offset, reasonOf(refusal))
      at = middle ?? text.reached
    }
  }

  /** @returns the error if PostgreSQL refuses the text; none of it is staged then */
  async #copy(text: CleanText): Promise<Error | undefined> {
    const { source, start } = this.#range
    try {
      await this.#session.savepoint(async () => {
        // A COPY that failed has advanced the sequence.
        const position = positionOf(source, start + this.#copied)
        if (this.#sequence) await this.#session.run(settingPosition(this.#sequence, position))
        const copied = await copyInto(this.#session, this.#copyText, text)
        if (copied !== text.copied) throw new Miscounted(copied, text.copied)
      })
    } catch (error) {
      // If nothing was sent yet, something other than the data was refused.
      if (isRefusal(error) && text.reached !== text.start) return error
      throw error
    }
    await recordRejects(this.#session, this.#run, text.rejects)
    const { records } = this
    for (const each of text.rejectedRecords) this.rejected.push(records + each)
    this.#copied += text.copied
    this.#leftOut += text.leftOut
    return undefined
  }

  /** A record boundary about half-way, or undefined if there is only one record. */
  #middle(start: ScanState, end: number): ScanState | undefined {
    const half = Math.ceil((end - start.offset) / 2)
    const { dialect, maxRecord, columns } = this.#plan
    const options = { dialect, maxRecord, columns, read: this.#read }
    // If the last record has more than half of the bytes, the end of the first record is taken.
    for (const size of [Math.min(PIECE, half), 1]) {
      let middle: ScanState | undefined
      for (const { next } of piecesBetween(start, end, { ...options, size })) {
        if (next.offset >= end) break
        middle = next
        if (next.offset >= start.offset + half) break
      }
      if (middle) return middle
    }
    return undefined
  }

  async #reject(start: ScanState, end: number, reason: string): Promise<void> {
    const { source } = this.#range
    for (const record of recordsBetween(start, end, { ...this.#plan, read: this.#read })) {
      const { byte, line, bytes, complete } = record
      await recordRejects(this.#session, this.#run, [
        { source, byte, line, reason, record: bytes, complete, staged: false },
      ])
      this.rejected.push(this.records)
    }
  }
}
