import type { DasyError } from '../base/errors.js'
import type { PlanReceipt, Receipt, Rows } from '../contract/receipt.js'
import { forgetPlan } from '../history/prune.js'
import type { Judged } from '../judge/judge.js'
import { remedyOf } from '../judge/remedy.js'
import { StageAgain } from '../judge/stage-again.js'
import { refuseSyncWithRejects } from '../judge/sync-rejects.js'
import { firstRejects } from '../ledger/rejects.js'
import { forgetDerived } from '../ledger/staging.js'
import { MappingChanged } from '../merge/mapping-changed.js'
import { publish } from '../merge/publication.js'
import { stagedPublication } from '../merge/staged-publication.js'
import { plan } from '../plan/plan.js'
import { sampleOf } from '../plan/sample.js'
import { interruptedOr } from './cancellation.js'
import type { LoadConnection } from './connection.js'
import { allStagedBefore } from './direct-before.js'
import { DirectPath } from './direct-path.js'
import { failureOf, outcomeOf, recordFailure } from './failure.js'
import { isForRowByRow, judgeAgain, judgeStaged, refuseMoreChanges } from './judge-staged.js'
import type { Load } from './load.js'
import type { Preflight } from './preflight.js'
import { newReceipt } from './receipt.js'
import type { AttemptContext } from './run-context.js'
import { enterCopy, findMissing, stageMissing } from './stage.js'
import { cleanUp } from './unfinished-runs.js'

/** How many rejects of a plan are told. */
const SHOWN = 10

/** One attempt at a run: the steps of the state machine whose states the ledger stores. Each may find its work done already. */
export class Run {
  readonly #load: Load
  readonly #connection: LoadConnection
  readonly #preflight: Preflight
  #context: AttemptContext
  #direct: DirectPath | undefined
  #isStaged = false
  /** The bytes of all sources as stored or sent, once everything is staged. */
  #bytes = 0
  /** The counts that are known so far. */
  #rows: Partial<Rows> = {}

  constructor(load: Load, connection: LoadConnection, checked: Preflight, context: AttemptContext) {
    this.#load = load
    this.#connection = connection
    this.#preflight = checked
    this.#context = context
  }

  /** The workers COPY into staging what is not there yet. */
  async stage(): Promise<void> {
    const { ledger, sources, session } = this.#context
    enterCopy(this.#context)
    if (!(await this.#stageDirectly())) await this.#stageMissing()
    const staged = sources.map(({ source }) => source)
    const [bytes, rows] = await session.together(() => [
      ledger.sized(staged),
      ledger.totals(),
      ledger.enter('staged'),
    ])
    this.#bytes = bytes
    this.#rows = rows
    this.#isStaged = true
  }

  /** @returns false if the records have to be staged as usual */
  async #stageDirectly(): Promise<boolean> {
    const { task, mayBeDirect } = this.#load
    const { session, run, ledger } = this.#context
    if (!mayBeDirect) return false
    // Of a merge that was not completed.
    if (!ledger.isNew) await forgetDerived(session, run)
    const before = await allStagedBefore(this.#context, this.#preflight)
    if (before) void this.#connection.pool.close()
    else this.#direct = await DirectPath.open(this.#context, task, this.#preflight, this.#connection)
    const direct = before ?? (await this.#direct?.stage())
    this.#context = { ...this.#context, known: { ...this.#context.known, direct } }
    return direct !== undefined
  }

  async #stageMissing(): Promise<void> {
    const { pool } = this.#connection
    const missing = await findMissing(this.#context, pool)
    this.#isStaged = missing.isNothing
    await stageMissing(this.#context, pool, missing)
  }

  /** Decides which staged records are loaded, and notes which flag would have made the rejected ones valid. */
  async judge(): Promise<Judged> {
    const { second, events } = this.#context
    const { target } = this.#preflight
    const records = this.#rows.read ?? 0
    this.#connection.cancellation.check()
    this.#load.environment.onStaged?.(records)
    second.begin(records)
    const judged = this.#counted(await judgeStaged(this.#context, this.#preflight, records, target))
    const remedy = judged.rejected > 0 ? await remedyOf(this.#context) : undefined
    if (remedy !== undefined) events.note(remedy)
    return judged
  }

  /**
   * Makes the rows visible, with aggregates and receipt. If the table refuses rows, they are found row by row and
   * rejected, and the remaining records are judged and published again.
   */
  publish(first: Judged): Promise<Receipt> {
    return this.#untilAccepted(first, (judged, isRowByRow) => this.#publish(judged, isRowByRow))
  }

  /** Finds out in the same way what publishing would do, and stores that. */
  plan(first: Judged): Promise<PlanReceipt> {
    return this.#untilAccepted(first, (judged, isRowByRow) => this.#plan(judged, isRowByRow))
  }

  async #untilAccepted<Result>(
    first: Judged,
    work: (judged: Judged, isRowByRow: boolean) => Promise<Result>,
  ): Promise<Result> {
    this.#connection.cancellation.check()
    let judged = first
    let isRowByRow = false
    let changes = 0
    for (;;) {
      try {
        return await work(judged, isRowByRow)
      } catch (error) {
        isRowByRow = !isRowByRow && isForRowByRow(error, judged)
        if (isRowByRow) continue
        if (error instanceof MappingChanged) changes += 1
        refuseMoreChanges(changes, this.#load.task.settings.table)
        judged = this.#counted(await judgeAgain(this.#context, judged, error, this.#preflight.target))
      }
    }
  }

  /**
   * Stops a run that has failed; one that was planned before stays planned. An error of the clean-up must not hide the cause.
   * @returns the error to report, which contains the number of the run and its counts so far; or StageAgain
   */
  async stop(error: unknown): Promise<DasyError | StageAgain> {
    const cause = await this.#endWork(error)
    if (cause instanceof StageAgain) return cause
    const { run, session, ledger, sources } = this.#context
    const canReadAgain = this.#isStaged || sources.every(({ source }) => source.repeatable)
    const { again } = this.#load
    const failure = failureOf(cause, { run, doubts: this.#preflight.doubts, canReadAgain, again })
    const rows = await ledger.totals().catch(() => this.#rows)
    Object.assign(failure.error.details, { run, rows: failure.error.details.rows ?? rows })
    if (ledger.isPlanned && outcomeOf(failure.error.code) !== 'rejected') return failure.error
    const seconds = this.#load.environment.timer.read()
    await recordFailure(ledger, failure, { rows, seconds }).catch(() => {})
    if (this.#load.task.mode === 'plan' && failure.isFinal)
      await session.transaction(() => forgetPlan(session, run)).catch(() => {})
    return failure.error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.locator.close()
    this.#context.known.keys?.close()
    this.#direct?.close()
    await this.#context.second[Symbol.asyncDispose]()
    await this.#context.ledger.close().catch(() => {})
  }

  #counted(judged: Judged): Judged {
    const { read, rejected } = judged
    this.#rows = { read, rejected }
    return judged
  }

  async #publish(judged: Judged, isRowByRow: boolean): Promise<Receipt> {
    const { run, ledger, events } = this.#context
    const { task, environment } = this.#load
    const { timer } = environment
    refuseSyncWithRejects(this.#context, judged)
    events.step('writing rows')
    const published = await publish(
      this.#context,
      stagedPublication(this.#context, judged, { isRowByRow }),
      (result) => ledger.complete({ ...result, seconds: timer.read() }),
    )
    const seconds = timer.read()
    const { doubts } = this.#preflight
    const workers = this.#connection.pool.size
    const receipt = newReceipt(task, published, { run, bytes: this.#bytes, workers, seconds, doubts })
    try {
      environment.onPublished?.(receipt)
    } finally {
      await cleanUp(this.#context, task, seconds)
    }
    return receipt
  }

  async #plan(judged: Judged, isRowByRow: boolean): Promise<PlanReceipt> {
    const { run, ledger, session, events } = this.#context
    const { task, environment } = this.#load
    const { timer } = environment
    events.step('comparing')
    let refusal: DasyError | undefined
    const refuse = (error: DasyError): void => {
      refusal ??= error
    }
    refuseSyncWithRejects({ ...this.#context, refuse }, judged)
    const context = { ...this.#context, refuse }
    const planned = await plan(context, judged, isRowByRow, async ({ rows, aggregates }, keeper) => {
      const ending = { rows, aggregates, seconds: timer.read() }
      if (!refusal) return await ledger.planned(ending, keeper)
      // Nobody applies what is refused, also if this process ends before it has shown it.
      const { code, message, hint } = refusal
      await ledger.stop('rejected', { ...ending, error: { code, message, hint } }, keeper)
    })
    const { makes, movements, rows } = planned
    const sample = await sampleOf(this.#context)
    const measured = {
      run,
      bytes: this.#bytes,
      workers: this.#connection.pool.size,
      seconds: timer.read(),
      doubts: this.#preflight.doubts,
    }
    const status = refusal ? 'rejected' : 'planned'
    const receipt = { ...newReceipt(task, planned, measured, status), sample }
    const rejects = await firstRejects(session, run, SHOWN)
    events.emit({ type: 'planned', receipt, makes, movements, rejects })
    if (!refusal) return receipt
    await session.transaction(() => forgetPlan(session, run))
    Object.assign(refusal.details, { rows, sample })
    throw refusal
  }

  /** Ends the workers and the statements of the sessions. @returns what the error really is */
  async #endWork(error: unknown): Promise<unknown> {
    const { pool, cancellation } = this.#connection
    await cancellation.end()
    const cause = interruptedOr(error, this.#load.environment.signal)
    await pool.terminate()
    await this.#context.second.cancel(cause)
    return cause
  }
}
