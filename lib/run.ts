import type { Database } from './db/database.js'
import { patienceIsOver } from './db/retry.js'
import type { Session } from './db/session.js'
import { DasyError } from './errors.js'
import { Helper } from './helper.js'
import { resumable } from './interruption.js'
import type { Ending, RunLedger } from './ledger/run-ledger.js'
import { Locator } from './load/locator.js'
import type { WorkerPool } from './load/pool.js'
import type { LoadPlan } from './load/protocol.js'
import { Staging } from './load/staging.js'
import { judgeRejects } from './merge/judgement.js'
import { Publication, toRows } from './merge/publication.js'
import { Repeats } from './merge/repeats.js'
import { Tuning } from './merge/tuning.js'
import { MissingRanges } from './missing-ranges.js'
import { type LoadOutline, type LoadTask, mayMake, sourcePlan } from './plan.js'
import type { Phase, Progress } from './progress.js'
import type { Reading } from './reading.js'
import { type AggregateReceipt, checkBalance, type Receipt, type Rows } from './receipt.js'
import type { Source } from './source/source.js'
import type { Stopwatch } from './stopwatch.js'
import { displayName } from './table-name.js'

/** What a run works with. */
export interface RunParts extends LoadTask, LoadOutline {
  readonly database: Database
  readonly session: Session
  readonly pool: WorkerPool
  readonly ledger: RunLedger
  readonly watch: Stopwatch
  readonly progress: Progress
  /** Told of each range that is staged now. */
  readonly staged: () => void
}

/** What would fail in the same way again: nobody goes on with such a run. */
const FINAL = ['SOURCE_CHANGED', 'DUPLICATE_KEY', 'KEY_EXISTS', 'RUN_TAKEN']

/** The records as they are sorted out before anything is merged. */
export interface Judged {
  readonly read: number
  readonly rejected: number
  /** Records that lose to another of the same key. */
  readonly duplicates: number
  readonly repeats: Repeats
}

/** One run: the steps of the state machine whose states the ledger stores. Each may find its work done already. */
export class Run {
  readonly #parts: RunParts
  readonly #sources: readonly Source[]
  readonly #plan: LoadPlan
  readonly #locator: Locator
  readonly #tuning: Tuning
  #helper: Helper | undefined
  #isStaged = false
  /** As far as they are known. */
  #rows: Partial<Rows> = {}

  constructor(parts: RunParts) {
    const { session, readings, ledger, settings } = parts
    const [first] = readings as [Reading, ...Reading[]]
    this.#parts = parts
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
    const { session, settings, pool, ledger, header, readings, progress, staged } = this.#parts
    await new Staging(session, this.#plan.run, header.length, pool.size).prepare()
    const missing = new MissingRanges(readings, await ledger.staged(), await ledger.textEnds(), {
      workers: pool.size,
      rangeSize: settings.rangeSize,
    })
    this.#enter('copy', this.#size)
    if (!missing.isNothing) {
      await ledger.enter('staging')
      progress.advanced?.(missing.stagedBytes, (await ledger.totals()).read)
      const load = pool.load(this.#plan, missing, (range, { records }, block) => {
        progress.advanced?.(range.delivered, records)
        missing.recycle(range, block)
        staged()
      })
      // Without its session the run is nobody's any more.
      await Promise.race([load, session.lost])
    }
    void pool.close() // in good order, while the main session goes on
    for (const source of this.#sources) {
      await source.verifyUnchanged()
      await ledger.sized(source.ordinal, source.consumed)
    }
    this.#rows = await ledger.totals()
    await ledger.enter('staged')
    this.#isStaged = true
  }

  /** Finds repeated keys, rejects what has no key, then decides whether there are too many rejects. */
  async judge(): Promise<Judged> {
    const { database, session, pool, settings, mapping, ledger } = this.#parts
    const { run } = this.#plan
    this.#enter('merge')
    const records = this.#rows.read ?? 0
    if (Helper.isWorthIt(pool, records)) this.#helper = new Helper(database, run, pool)
    const repeats = new Repeats(run, mapping.key, this.#locator, this.#tuning)
    const duplicates = await repeats.find(session, this.#helper?.session, records, settings.duplicates)
    const { read, rejected } = await ledger.totals()
    this.#rows = { read, rejected }
    await judgeRejects(session, run, read, rejected, settings.maxRejects)
    if (duplicates > 0 && settings.duplicates === 'error') throw await repeats.firstError(session)
    await ledger.enter('merging')
    return { read, rejected, duplicates, repeats }
  }

  /** Makes it visible, aggregates and receipt included, in one transaction. */
  async publish({ read, rejected, duplicates, repeats }: Judged): Promise<Receipt> {
    const { command, settings, session, watch, header, ledger } = this.#parts
    const helper = await this.#helper?.session
    const publication = new Publication({
      session,
      helper,
      run: this.#plan.run,
      settings,
      header,
      file: this.#sources[0]?.name ?? '',
      mayMake: mayMake(command),
      tuning: this.#tuning,
      keys: read - rejected - duplicates,
      repeats,
      locator: this.#locator,
      entering: (phase) => this.#enter(phase),
    })
    const { rows, aggregates } = await publication.publish(async (published) => {
      const balanced = toRows(read, rejected, duplicates, published.rows)
      checkBalance(balanced)
      await ledger.complete({ rows: balanced, aggregates: published.aggregates, seconds: watch.read() })
    })
    const seconds = watch.read()
    // It is done and visible: what is left over, the next run sweeps up.
    await ledger.clean(seconds).catch(() => {})
    return this.#receipt(toRows(read, rejected, duplicates, rows), aggregates, seconds)
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
    const error = isFinal ? (cause as DasyError) : resumable(cause, run)
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
    if (this.#isStaged || this.#sources.every(({ repeatable }) => repeatable)) return false
    patienceIsOver(cause)
    return true
  }

  /** Bytes as they are stored or sent, if that is known of every source. */
  get #size(): number | undefined {
    return this.#sources.reduce<number | undefined>(
      (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    )
  }

  #enter(phase: Phase, totalBytes?: number): void {
    this.#parts.watch.enter(phase)
    this.#parts.progress.phase?.(phase, totalBytes)
  }

  #receipt(rows: Rows, aggregates: readonly AggregateReceipt[], seconds: Receipt['seconds']): Receipt {
    const { command, settings, pool } = this.#parts
    const names = this.#sources.map(({ name }) => name)
    return {
      run: this.#plan.run,
      command,
      status: 'completed',
      source: names.length === 1 ? (names[0] as string) : names,
      table: displayName(settings.table),
      key: settings.key,
      bytes: this.#sources.reduce((sum, { size, consumed }) => sum + (size ?? consumed), 0),
      workers: pool.size,
      rows,
      aggregates,
      seconds,
    }
  }
}

function outcomeOf(code: string): 'failed' | 'interrupted' | 'rejected' {
  if (code === 'INTERRUPTED') return 'interrupted'
  return code === 'TOO_MANY_REJECTS' ? 'rejected' : 'failed'
}
