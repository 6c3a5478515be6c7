import { DasyError } from '../base/errors.js'
import type { Phase } from '../contract/events.js'
import { type AggregateReceipt, checkBalance, type Receipt, type Rows } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { withoutRetry } from '../db/retry.js'
import { Tuning } from '../db/tuning.js'
import { DuplicateKeys } from '../judge/duplicate-keys.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import { judgeRejects } from '../judge/reject-limit.js'
import type { RejectContext } from '../judge/staged-rejects.js'
import { judgeValues, type TypedMapping } from '../judge/values.js'
import { expectedSeconds } from '../ledger/history.js'
import { Locator } from '../ledger/locator.js'
import type { Ending } from '../ledger/run-ledger.js'
import { forgetDerived } from '../ledger/staging.js'
import { MappingChanged, Publication, type Published, toRows } from '../merge/publication.js'
import { RowsLeftOut, RowsRefused, rejectRefused } from '../merge/row-by-row.js'
import { withDoubts } from '../ranges/doubts.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { sourcePlan } from '../ranges/source-plan.js'
import { sizeOf } from '../ranges/sources.js'
import type { Source } from '../source/source.js'
import { typedName } from '../source/standard-input.js'
import { resumable } from './cancellation.js'
import { mayMake } from './preflight.js'
import { remedyOf } from './remedy.js'
import type { RunParts } from './run-parts.js'
import { SecondSession } from './second-session.js'
import { findMissing, stageMissing } from './stage.js'

/** What would fail in the same way again: nobody goes on with such a run. */
const FINAL = [
  'SOURCE_CHANGED',
  'CORRUPT_SOURCE',
  'SOURCE_TOO_LARGE',
  'SUSPICIOUS_COMPRESSION',
  'DUPLICATE_KEY',
  'KEY_EXISTS',
  'RUN_TAKEN',
]

/** The records as they are sorted out before anything is merged. */
export interface Judged {
  readonly read: number
  readonly rejected: number
  /** Records that lose to another of the same key. */
  readonly duplicates: number
  readonly repeats: DuplicateKeys
}

/** One run: the steps of the state machine whose states the ledger stores. Each may find its work done already. */
export class Run {
  readonly #parts: RunParts
  readonly #sources: readonly Source[]
  readonly #plan: LoadPlan
  readonly #locator: Locator
  readonly #tuning: Tuning
  #helper: SecondSession | undefined
  #isStaged = false
  /** Stored or sent, of all sources. Known when all is staged: what is read again later counts no more. */
  #bytes = 0
  #typing: TypedMapping
  /** As far as they are known. */
  #rows: Partial<Rows> = {}

  constructor(parts: RunParts) {
    const { session, readings, ledger, settings } = parts
    const [first] = readings as [PreparedSource, ...PreparedSource[]]
    this.#parts = parts
    this.#typing = { mapping: parts.mapping, types: parts.types }
    this.#sources = readings.map(({ source }) => source)
    this.#plan = {
      run: ledger.run,
      attempt: ledger.attempt,
      sources: readings.map((reading) => sourcePlan(reading, first)),
      patienceMs: settings.patienceMs,
    }
    this.#locator = new Locator(session, this.#plan, this.#sources)
    this.#tuning = new Tuning(settings)
  }

  /** The workers COPY into staging what is not there yet. */
  async stage(): Promise<void> {
    const { pool, ledger } = this.#parts
    const missing = await findMissing(this.#parts, this.#plan)
    this.#isStaged = missing.isNothing
    this.#enter('copy', sizeOf(this.#sources))
    if (!this.#isStaged) await stageMissing(this.#parts, this.#plan, missing)
    void pool.close() // in good order, while the main session goes on
    for (const source of this.#sources) {
      await source.verifyUnchanged()
      this.#bytes += await ledger.sized(source.ordinal, source.consumed)
    }
    this.#rows = await ledger.totals()
    await ledger.enter('staged')
    this.#isStaged = true
  }

  /** Rejects what does not fit or has no key, finds repeated keys, then decides whether there are too many rejects. */
  async judge(): Promise<Judged> {
    const { database, session, pool, settings, target, ledger } = this.#parts
    const { run } = this.#plan
    this.#enter('merge')
    const records = this.#rows.read ?? 0
    if (SecondSession.isWorthIt(pool, records)) this.#helper ??= new SecondSession(database, run, pool)
    await this.#tellExpected(records)
    this.#step('checking values')
    const typed = await judgeValues({
      ...this.#rejecting,
      ...this.#typing,
      tuning: this.#tuning,
      settings,
      target,
    })
    this.#typing = typed
    this.#step('finding duplicates')
    const repeats = new DuplicateKeys(run, this.#typing.mapping.key, this.#locator, this.#tuning)
    const duplicates = await repeats.find(session, this.#helper?.session, records, settings.duplicates)
    const { read, rejected } = await ledger.totals()
    this.#rows = { read, rejected }
    await judgeRejects(session, run, read, rejected, settings.maxRejects, this.remedy)
    if (duplicates > 0 && settings.duplicates === 'error') throw await repeats.firstError(session)
    await ledger.enter('merging')
    return { read, rejected, duplicates, repeats }
  }

  /** Makes it visible, aggregates and receipt included. What the table refuses is rejected, and the rest judged anew. */
  async publish(first: Judged): Promise<Receipt> {
    let careful = false
    for (let judged = first; ; ) {
      try {
        return await this.#publish(judged, careful)
      } catch (error) {
        if (error instanceof RowsRefused) await this.#rejectRefused(error)
        else if (error instanceof MappingChanged) this.#typing = { ...this.#typing, mapping: error.mapping }
        else if (careful || !mayBeOfRows(error) || this.#typing.mapping.isNew) throw error
        else {
          careful = true
          continue
        }
      }
      careful = false
      judged = await this.#judgeAgain()
    }
  }

  /** In one transaction. */
  async #publish(judged: Judged, careful: boolean): Promise<Receipt> {
    const { command, settings, session, watch, header, ledger } = this.#parts
    const { read, rejected, duplicates, repeats } = judged
    this.#step('writing rows')
    const publication = new Publication({
      session,
      helper: careful ? undefined : await this.#helper?.session,
      careful,
      run: this.#plan.run,
      settings,
      header,
      file: this.#sources[0]?.name ?? '',
      isDoubtful: this.#parts.doubts.length > 0,
      judged: this.#typing.mapping,
      types: this.#typing.types,
      mayMake: mayMake(command),
      tuning: this.#tuning,
      keys: read - rejected - duplicates,
      repeats,
      locator: this.#locator,
      note: this.#parts.note,
      entering: (phase) => {
        this.#enter(phase)
        this.#step(phase === 'merge' ? 'committing' : 'updating aggregates')
      },
    })
    const balanced = ({ rows }: Published) => toRows(read, rejected, duplicates, rows)
    const published = await publication.publish(async (done) => {
      checkBalance(balanced(done))
      await ledger.complete({ rows: balanced(done), aggregates: done.aggregates, seconds: watch.read() })
    })
    const seconds = watch.read()
    // It is done and visible: what is left over, the next run sweeps up.
    await ledger.clean(seconds).catch(() => {})
    return this.#receipt(balanced(published), published.aggregates, seconds)
  }

  /** Which flag would have made good records of the rejects, if one would. */
  readonly remedy = async (): Promise<string | undefined> => {
    const { session, readings } = this.#parts
    return await remedyOf(session, this.#plan.run, readings).catch(() => undefined)
  }

  async #judgeAgain(): Promise<Judged> {
    await forgetDerived(this.#parts.session, this.#plan.run)
    return this.judge()
  }

  async #rejectRefused(refused: RowsRefused): Promise<void> {
    const { session, ledger, settings } = this.#parts
    await rejectRefused(this.#rejecting, refused)
    const { read, rejected } = await ledger.totals()
    // Nothing needs to be judged anew where it is over already.
    await judgeRejects(session, this.#plan.run, read, rejected, settings.maxRejects, this.remedy)
  }

  get #rejecting(): RejectContext {
    return { session: this.#parts.session, run: this.#plan.run, locator: this.#locator }
  }

  /**
   * Stops a run that cannot go on now. The clean-up must not hide why.
   * @returns the error to report, which knows the run and how far it came
   */
  async stop(cause: unknown): Promise<DasyError> {
    const { pool, watch, ledger } = this.#parts
    await pool.terminate()
    await this.#helper?.cancel(cause)
    const { run } = this.#plan
    const isFinal = this.#isFinal(cause)
    const doubtful = withDoubts(cause, this.#parts.doubts)
    const error = isFinal ? withoutRetry(doubtful as DasyError) : resumable(doubtful, run)
    const rows: Partial<Rows> = await ledger.totals().catch(() => this.#rows)
    Object.assign(error.details, { run, rows })
    const { code, message, hint } = error
    const ending: Ending = { rows, aggregates: null, seconds: watch.read(), error: { code, message, hint } }
    const outcome = outcomeOf(code)
    const noted = isFinal ? ledger.abandon(outcome, ending) : ledger.stop(outcome, ending)
    await noted.catch(() => {})
    return error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#locator.close()
    await this.#helper?.[Symbol.asyncDispose]()
  }

  /** What nobody can go on with: it would fail in the same way again, or there is nothing to read again. */
  #isFinal(cause: unknown): boolean {
    if (!(cause instanceof DasyError)) return false
    if (FINAL.includes(cause.code)) return true
    return !this.#isStaged && this.#sources.some(({ repeatable }) => !repeatable)
  }

  #enter(phase: Phase, totalBytes?: number): void {
    this.#parts.watch.enter(phase)
    this.#parts.progress.phase?.(phase, totalBytes)
  }

  #step(name: string): void {
    this.#parts.progress.step?.(name)
  }

  /** Asks the ledger only where somebody wants to know. */
  async #tellExpected(records: number): Promise<void> {
    const { session, settings, progress } = this.#parts
    if (!progress.expected) return
    const seconds = await expectedSeconds(session, displayName(settings.table), records)
    if (seconds !== undefined) progress.expected(seconds)
  }

  #receipt(rows: Rows, aggregates: readonly AggregateReceipt[], seconds: Receipt['seconds']): Receipt {
    const { command, settings, pool } = this.#parts
    const names = this.#sources.map(typedName)
    return {
      run: this.#plan.run,
      command,
      status: 'completed',
      source: names.length === 1 ? (names[0] as string) : names,
      table: displayName(settings.table),
      key: settings.key,
      bytes: this.#bytes,
      workers: pool.size,
      rows,
      aggregates,
      seconds,
      doubts: this.#parts.doubts,
    }
  }
}

/** Whether some of the rows may be the reason, and the others can be written. */
function mayBeOfRows(error: unknown): boolean {
  return isInvalidValue(error) || error instanceof RowsLeftOut
}

function outcomeOf(code: string): 'failed' | 'interrupted' | 'rejected' {
  if (code === 'INTERRUPTED') return 'interrupted'
  return code === 'TOO_MANY_REJECTS' ? 'rejected' : 'failed'
}
