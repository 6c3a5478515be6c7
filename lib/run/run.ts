import { DasyError } from '../base/errors.js'
import type { AggregateReceipt, Receipt, Rows } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { withoutRetry } from '../db/retry.js'
import { Tuning } from '../db/tuning.js'
import type { RunContext } from '../judge/context.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import { type Judged, judge } from '../judge/judge.js'
import { refuseTooManyRejects } from '../judge/reject-limit.js'
import { remedyOf } from '../judge/remedy.js'
import { Locator } from '../ledger/locator.js'
import type { Ending, RunLedger } from '../ledger/run-ledger.js'
import { forgetDerived } from '../ledger/staging.js'
import type { MappedColumns } from '../mapping/mapper.js'
import { MappingChanged } from '../merge/mapping-changed.js'
import { publish } from '../merge/publication.js'
import { RowsLeftOut, RowsRefused, rejectRefused } from '../merge/refused-rows.js'
import { withDoubts } from '../ranges/doubts.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { sourcePlan } from '../ranges/source-plan.js'
import { typedName } from '../source/standard-input.js'
import { explained, resumable } from './cancellation.js'
import type { LoadConnection } from './connection.js'
import { isFinal, outcomeOf } from './failure.js'
import type { Load } from './load.js'
import type { Preflight } from './preflight.js'
import { SecondSession } from './second-session.js'
import { findMissing, stageMissing } from './stage.js'
import { discardStoppedRuns } from './unfinished-runs.js'

/** How often the records are judged again because the table has changed: SQL of the user may alter it each time. */
const MOST_CHANGES = 10

/** One run: the steps of the state machine whose states the ledger stores. Each may find its work done already. */
export class Run {
  readonly #load: Load
  readonly #connection: LoadConnection
  readonly #preflight: Preflight
  readonly #plan: LoadPlan
  readonly #second: SecondSession
  readonly #context: RunContext
  #mapped: MappedColumns
  #isStaged = false
  /** Stored or sent, of all sources, once all is staged. */
  #bytes = 0
  /** As far as they are known. */
  #rows: Partial<Rows> = {}

  constructor(load: Load, connection: LoadConnection, checked: Preflight, ledger: RunLedger) {
    const { settings } = load.task
    const { session, database, pool } = connection
    const { sources } = checked
    const { run, attempt } = ledger
    const [first] = sources as [PreparedSource, ...PreparedSource[]]
    const plans = sources.map((source) => sourcePlan(source, first))
    this.#load = load
    this.#connection = connection
    this.#preflight = checked
    this.#mapped = checked
    this.#plan = { run, attempt, sources: plans, retryMs: settings.tuning.retryMs }
    this.#second = new SecondSession(database, run, pool)
    this.#context = {
      run,
      settings,
      sources,
      session,
      second: this.#second,
      ledger,
      locator: new Locator(
        session,
        this.#plan,
        sources.map(({ source }) => source),
      ),
      tuning: new Tuning(settings.tuning),
      events: load.environment.events,
    }
  }

  /** The workers COPY into staging what is not there yet. */
  async stage(): Promise<void> {
    const { ledger, sources } = this.#context
    const { pool } = this.#connection
    const missing = await findMissing(this.#context, this.#plan, pool)
    this.#isStaged = missing.isNothing
    await stageMissing(this.#context, this.#plan, pool, missing)
    for (const { source } of sources) this.#bytes += await ledger.sized(source.ordinal, source.consumed)
    this.#rows = await ledger.totals()
    await ledger.enter('staged')
    this.#isStaged = true
  }

  /** Decides which staged records count. */
  async judge(): Promise<Judged> {
    this.#connection.cancellation.check()
    const { events } = this.#context
    const judged = await this.#judge()
    if (judged.rejected > 0) await remedyOf(this.#context).then((line) => line && events.note(line))
    return judged
  }

  async #judge(): Promise<Judged> {
    const { ledger, events } = this.#context
    const records = this.#rows.read ?? 0
    events.phase('merge')
    this.#second.begin(records)
    const judged = await judge(this.#context, this.#mapped, records, this.#preflight.target)
    const { read, rejected } = judged
    this.#rows = { read, rejected }
    this.#mapped = judged
    await ledger.enter('merging')
    return judged
  }

  /** Makes it visible, aggregates and receipt included. What the table refuses is rejected, and the rest judged again. */
  async publish(first: Judged): Promise<Receipt> {
    this.#connection.cancellation.check()
    let isRowByRow = false
    let changes = 0
    for (let judged = first; ; ) {
      try {
        return await this.#publish(judged, isRowByRow)
      } catch (error) {
        if (error instanceof RowsRefused) await this.#rejectRefused(error)
        else if (error instanceof MappingChanged) {
          changes += 1
          if (changes > MOST_CHANGES) throw tableChanged(displayName(this.#context.settings.table))
          this.#mapped = { ...this.#mapped, mapping: error.mapping }
        } else if (isRowByRow || !mayBeOfRows(error) || this.#mapped.mapping.isNew) throw error
        else {
          isRowByRow = true
          continue
        }
      }
      isRowByRow = false
      await forgetDerived(this.#context.session, this.#context.run)
      judged = await this.#judge()
    }
  }

  async #publish(judged: Judged, isRowByRow: boolean): Promise<Receipt> {
    const { ledger, session, events } = this.#context
    const { timer } = this.#load.environment
    events.step('writing rows')
    const { rows, aggregates } = await publish(this.#context, judged, isRowByRow, (published) =>
      ledger.complete({ ...published, seconds: timer.read() }),
    )
    const seconds = timer.read()
    // The rows are visible: a failure from here on must not report otherwise. The next run removes what is left.
    await ledger.clean(seconds).catch(() => {})
    await discardStoppedRuns(session, this.#load.task, ledger.run).catch(() => {})
    return this.#receipt(rows, aggregates, seconds)
  }

  async #rejectRefused(refused: RowsRefused): Promise<void> {
    await rejectRefused(this.#context, refused)
    // Nothing needs to be judged again where there are too many already.
    await refuseTooManyRejects(this.#context, await this.#context.ledger.totals())
  }

  /**
   * Stops a run that has failed. An error of the clean-up must not hide the cause.
   * @returns the error to report, which knows the run and how far it came
   */
  async stop(failure: unknown): Promise<DasyError> {
    const { pool, cancellation } = this.#connection
    const { run, ledger, sources } = this.#context
    const { signal, timer } = this.#load.environment
    await cancellation.end()
    const cause = explained(failure, signal)
    await pool.terminate()
    await this.#second.cancel(cause)
    const canReadAgain = this.#isStaged || sources.every(({ source }) => source.repeatable)
    const isOver = isFinal(cause, canReadAgain)
    const doubtful = withDoubts(cause, this.#preflight.doubts)
    const error = isOver ? withoutRetry(doubtful as DasyError) : resumable(doubtful, run)
    const rows: Partial<Rows> = await ledger.totals().catch(() => this.#rows)
    Object.assign(error.details, { run, rows })
    const { code, message, hint } = error
    const ending: Ending = { rows, aggregates: null, seconds: timer.read(), error: { code, message, hint } }
    const outcome = outcomeOf(code)
    const noted = isOver ? ledger.abandon(outcome, ending) : ledger.stop(outcome, ending)
    await noted.catch(() => {})
    return error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.locator.close()
    await this.#second[Symbol.asyncDispose]()
    await this.#context.ledger.close().catch(() => {})
  }

  #receipt(rows: Rows, aggregates: readonly AggregateReceipt[], seconds: Receipt['seconds']): Receipt {
    const { command, settings } = this.#load.task
    const names = this.#context.sources.map(({ source }) => typedName(source))
    return {
      run: this.#context.run,
      command,
      status: 'completed',
      source: names.length === 1 ? (names[0] as string) : names,
      table: displayName(settings.table),
      key: settings.mapping.key,
      bytes: this.#bytes,
      workers: this.#connection.pool.size,
      rows,
      aggregates,
      seconds,
      doubts: this.#preflight.doubts,
    }
  }
}

function tableChanged(table: string): DasyError {
  return new DasyError(
    'TABLE_CHANGED',
    `${table} had other columns each of the ${MOST_CHANGES + 1} times that its rows were about to be written`,
    {
      hint: 'Load again when no session alters it; SQL of "before" must make the same columns each time.',
      details: { table },
    },
  )
}

/** Whether some of the rows may be the reason, and the others can be written. */
function mayBeOfRows(error: unknown): boolean {
  return isInvalidValue(error) || error instanceof RowsLeftOut
}
