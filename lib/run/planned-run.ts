import { DasyError } from '../base/errors.js'
import type { Receipt } from '../contract/receipt.js'
import { DuplicateKeys } from '../judge/duplicate-keys.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import type { Judged } from '../judge/judge.js'
import { completedReceipt } from '../ledger/history.js'
import { describeTypes } from '../mapping/types.js'
import { MappingChanged } from '../merge/mapping-changed.js'
import { publish } from '../merge/publication.js'
import { RowsLeftOut, RowsRefused } from '../merge/refused-rows.js'
import { application } from '../plan/application.js'
import { stale } from '../plan/stale.js'
import { type StoredPlan, storedPlan } from '../plan/stored-plan.js'
import { interruptedOr } from './cancellation.js'
import type { LoadConnection } from './connection.js'
import { resumable } from './failure.js'
import { isForRowByRow } from './judge-staged.js'
import type { Load } from './load.js'
import type { Preflight } from './preflight.js'
import type { AttemptContext } from './run-context.js'
import { cleanUp } from './unfinished-runs.js'

/** Errors of a load that say that the table is another one than when the load was planned. */
const OTHER_TABLE = ['KEY_EXISTS', 'TOO_MANY_DELETES']

/** One attempt to apply a plan. Whatever ends it, the run stays planned or is completed. */
export class PlannedRun implements AsyncDisposable {
  readonly #load: Load
  readonly #connection: LoadConnection
  readonly #preflight: Preflight
  readonly #context: AttemptContext

  constructor(load: Load, connection: LoadConnection, checked: Preflight, context: AttemptContext) {
    this.#load = load
    this.#connection = connection
    this.#preflight = checked
    this.#context = context
  }

  /** @throws DasyError PLAN_STALE, PLAN_LOST and those of a publication */
  async apply(): Promise<Receipt> {
    const { session, run, events, second } = this.#context
    const plan = await storedPlan(this.#context)
    events.phase('merge')
    const judged = await this.#judged(plan)
    second.begin(judged.read)
    await this.#publish(judged, plan)
    await cleanUp(this.#context, this.#load.task, this.#load.environment.timer.read())
    return await completedReceipt(session, run)
  }

  /** @returns the error to report; nothing is recorded, because the plan is as it was */
  async stop(error: unknown): Promise<DasyError> {
    const { cancellation, pool } = this.#connection
    const { run, second } = this.#context
    await cancellation.end()
    const cause = interruptedOr(error, this.#load.environment.signal)
    await pool.terminate()
    await second.cancel(cause)
    return resumable(cause, run, 'apply')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.locator.close()
    await this.#context.second[Symbol.asyncDispose]()
  }

  /** The staged records as the plan has judged them. */
  async #judged({ set, rows }: StoredPlan): Promise<Judged> {
    const { session, settings } = this.#context
    const { target } = this.#preflight
    let { mapper, mapping } = this.#preflight
    if (settings.mapping.infer && mapping.isNew) {
      const names = [...set.key, ...set.columns]
      const types = [...set.key_types, ...set.types]
      const inferred = new Map(names.map((name, index) => [name, types[index] as string]))
      mapper = mapper.withTypes(
        new Map([...(await describeTypes(session, inferred, settings.tuning.trustOwner)), ...mapper.types]),
      )
      mapping = mapper.map(target)
    }
    const { read, rejected, duplicates } = rows
    const duplicateKeys = new DuplicateKeys(this.#context, mapping.key).keep(duplicates)
    return { mapper, mapping, read, rejected, duplicates, duplicateKeys }
  }

  /** Row by row, if the statements for all rows fail: the trial of the plan may have done the same. */
  async #publish(judged: Judged, plan: StoredPlan): Promise<void> {
    this.#connection.cancellation.check()
    try {
      await this.#publishOnce(judged, plan, false).catch(async (error) => {
        if (!isForRowByRow(error, judged)) throw error
        await this.#publishOnce(judged, plan, true)
      })
    } catch (error) {
      throw this.#staleOr(error)
    }
  }

  async #publishOnce(judged: Judged, { set }: StoredPlan, isRowByRow: boolean): Promise<void> {
    const { ledger, events } = this.#context
    const { timer } = this.#load.environment
    events.step('writing rows')
    await publish(this.#context, application(this.#context, judged, set, isRowByRow), (published) =>
      ledger.complete({ ...published, seconds: timer.read() }),
    )
  }

  /** If the table refuses what it took, or is mapped in another way, the plan is stale. */
  #staleOr(error: unknown): unknown {
    const { run } = this.#context
    if (error instanceof MappingChanged) return stale(run, 'its table has other columns', {}, error)
    if (error instanceof RowsRefused) {
      const [first] = error.rows
      const refused = error.rows.length
      return stale(run, `its table refuses ${refused} of its rows (${first?.reason})`, { refused }, error)
    }
    if (!(error instanceof DasyError)) return error instanceof RowsLeftOut ? stale(run, error.message) : error
    const isOther = isInvalidValue(error) || OTHER_TABLE.includes(error.code)
    return isOther ? stale(run, error.message, {}, error) : error
  }
}
