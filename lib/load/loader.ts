import { positionOf } from '../base/position.js'
import { isForeignToCopy } from '../csv/for-copy.js'
import { RecordClassifier } from '../csv/record-classifier.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { recordRejects } from '../ledger/rejects.js'
import { lostTo } from '../ledger/run-claim.js'
import { copyStatement, sequenceName, settingPosition } from '../ledger/staging.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import { isPartial, type Range } from '../ranges/range.js'
import { countOf } from '../ranges/record-parts.js'
import type { RangeReader } from '../source/reader.js'
import { copyInto } from './copy-stream.js'
import type { Loaded } from './protocol.js'
import { RangeText } from './range-text.js'
import { BadOmitted, isRefusal, Miscounted } from './refusal.js'
import { Salvage } from './salvage.js'
import { tooLongReject } from './too-long.js'

/** Stages ranges through one session, one after the other, each in its own transaction. */
export class Loader {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #text: RangeText
  readonly #worker: number
  readonly #sequence: string | undefined

  /** @param readers by the ordinal of the source; undefined for a source whose ranges bring their text */
  constructor(
    session: Session,
    plan: LoadPlan,
    readers: readonly (RangeReader | undefined)[],
    worker: number,
  ) {
    this.#session = session
    this.#plan = plan
    this.#text = new RangeText(plan.sources, readers)
    this.#worker = worker
    this.#sequence = plan.direct ? undefined : sequenceName(plan.run, worker)
  }

  /**
   * Stages a range. Its bytes go to COPY unchanged, unless the scan flagged it, COPY refuses it or counts other records,
   * or its text has to be changed (a NULL word, blanks to remove); then it is salvaged.
   * @throws DasyError SOURCE_CHANGED, RUN_TAKEN, and what a statement may throw
   */
  async load(range: Range): Promise<Loaded> {
    if (isPartial(range)) return this.#reject(range)
    const hasRejects = range.flagged || countOf(range.keyless) > 0
    if (hasRejects || isForeignToCopy(this.#sourceOf(range))) return this.#salvage(range)
    try {
      return await this.#stage(range)
    } catch (error) {
      if (isRefusal(error)) return this.#salvage(range)
      throw error
    }
  }

  /** Rows and the ledger's entry are committed together or not at all. */
  async #stage(range: Range): Promise<Loaded> {
    const position = this.#sequence && settingPosition(this.#sequence, positionOf(range.source, range.start))
    return this.#transaction(async () => {
      const copyText = copyStatement(this.#plan, this.#sourceOf(range), this.#worker)
      await this.#copy(range, copyText)
      return this.#record(range, [])
    }, position)
  }

  /** @throws an error that is a refusal, also if COPY would have refused an omitted record */
  async #copy(range: Range, copyText: string): Promise<void> {
    const count = countOf(range.omitted)
    const text = count > 0 ? this.#text.stagedOf(range) : this.#text.chunksOf(range)
    const copied = await copyInto(this.#session, copyText, text)
    if (copied !== range.records - count) throw new Miscounted(copied, range.records - count)
    if (count === 0) return
    const classifier = new RecordClassifier(this.#sourceOf(range), range.source)
    if (!classifier.accepts(this.#text.leftOut)) throw new BadOmitted()
  }

  async #salvage(range: Range): Promise<Loaded> {
    return this.#transaction(async () => {
      const reader = this.#text.readerOf(range)
      const salvage = new Salvage(this.#session, this.#plan, this.#worker, range, reader.read)
      await salvage.run()
      const { records, rejected } = salvage
      if (records !== range.records) {
        throw reader.changed(
          `bytes ${range.start} to ${range.end} held ${range.records} records, then ${records}`,
        )
      }
      return { ...(await this.#record(range, rejected)), isSalvaged: true }
    })
  }

  /** The range is one record that is too long; it brings only the beginning of its text. */
  async #reject(range: Range): Promise<Loaded> {
    return this.#transaction(async () => {
      const reject = tooLongReject(range, this.#sourceOf(range).maxRecord)
      await recordRejects(this.#session, this.#plan.run, [reject])
      return this.#record(range, [0])
    })
  }

  /**
   * Does not wait until the log is on disk: a crash of the server empties the staging tables and the list of their ranges, so
   * the range is loaded again.
   * @param first a statement that is sent together with BEGIN
   */
  #transaction(work: () => Promise<Loaded>, first?: string): Promise<Loaded> {
    const settings = 'SET LOCAL synchronous_commit = off'
    return this.#session.transaction(work, first === undefined ? settings : `${settings}; ${first}`)
  }

  /** @param rejectedRecords by their ordinals in the range */
  async #record(range: Range, rejectedRecords: readonly number[]): Promise<Loaded> {
    const { source, start, end, line, nextLine, records } = range
    const { run, attempt } = this.#plan
    const recorded = await this.#session.run(statement('load/record_range'), [
      run,
      source,
      start,
      end,
      line,
      nextLine,
      records,
      rejectedRecords.length,
      attempt,
      this.#sourceOf(range).location || isPartial(range) ? null : this.#text.recordOffsetsOf(range),
    ])
    if (recorded === 0) throw await lostTo(this.#session, run)
    return { records, rejectedRecords }
  }

  #sourceOf({ source }: Range): SourcePlan {
    return this.#plan.sources[source] as SourcePlan
  }
}
