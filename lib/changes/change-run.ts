import type { DasyError } from '../base/errors.js'
import { checkChangeBalance, type Receipt, type Rows } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import { Tuning } from '../db/tuning.js'
import { historyDays } from '../history/age.js'
import { pruneExpired } from '../history/prune.js'
import { completedReceipt } from '../ledger/history.js'
import { RunLedger } from '../ledger/run-ledger.js'
import { WorkerPool } from '../load/pool.js'
import { type Published, publish } from '../merge/publication.js'
import type { MergeResult } from '../merge/strategy.js'
import { Attempts, type RunEnvironment, untilDone } from '../run/attempts.js'
import { interruptedOr } from '../run/cancellation.js'
import { reopenNamed } from '../run/claim.js'
import { LoadConnection } from '../run/connection.js'
import { failureOf, recordFailure } from '../run/failure.js'
import type { ChangeContext, ChangeStrategy, ChangeTask } from './change-task.js'
import { endStoppedChanges } from './stopped-changes.js'

/** Makes the changes in one transaction, as a run with a receipt, and reports it. Retries as a load does. */
export async function runChange(task: ChangeTask, environment: RunEnvironment): Promise<Receipt> {
  const { command, table, tuning } = task
  const facts = { command, table: displayName(table), source: null }
  const attempts = new Attempts(environment, tuning.retryMs, task.run, facts)
  const receipt = await untilDone(attempts, () => attempt(task, attempts))
  environment.events.emit({ type: 'receipt', receipt })
  return receipt
}

/** One attempt: connect → claim → publish. */
async function attempt(task: ChangeTask, attempts: Attempts): Promise<Receipt> {
  await using connection = await LoadConnection.open(attempts, () => WorkerPool.local())
  const { session } = connection
  await connection.prepareSchema()
  if (attempts.run === undefined) return await begin(task, attempts, connection)
  const { options, isOfQueue } = task
  const { run, before } = attempts
  const ledger = await reopenNamed(session, run, { options, workers: 0, before, isOfQueue })
  if (!ledger) return await completedReceipt(session, run)
  await using change = new ChangeRun(task, attempts, connection, ledger)
  return await change.make(() => task.prepare(session))
}

async function begin(task: ChangeTask, attempts: Attempts, connection: LoadConnection): Promise<Receipt> {
  const { command, table, options, undoes } = task
  const key = await task.prepare(connection.session)
  const ledger = await RunLedger.begin(connection.session, {
    command,
    target: displayName(table),
    key,
    options,
    workers: 0,
    doubts: [],
    sources: [],
    undoes,
  })
  await using change = new ChangeRun(task, attempts, connection, ledger)
  return await change.make(async () => key)
}

/** One attempt at a run without sources. */
class ChangeRun {
  readonly #task: ChangeTask
  readonly #attempts: Attempts
  readonly #connection: LoadConnection
  readonly #ledger: RunLedger
  readonly #context: ChangeContext

  constructor(task: ChangeTask, attempts: Attempts, connection: LoadConnection, ledger: RunLedger) {
    const { table, tuning } = task
    this.#task = task
    this.#attempts = attempts
    this.#connection = connection
    this.#ledger = ledger
    this.#context = {
      run: ledger.run,
      session: connection.session,
      settings: { table },
      tuning: new Tuning(tuning),
      events: attempts.environment.events,
      trustOwner: tuning.trustOwner,
      keepsHistory: historyDays(tuning.historyDays) > 0,
    }
    attempts.claimed(ledger)
  }

  /** @param key finds the columns of the key */
  async make(key: () => Promise<readonly string[]>): Promise<Receipt> {
    try {
      const columns = await key()
      await this.#ledger.enter('merging')
      return await this.#receipt(columns, await this.#publish())
    } catch (error) {
      throw await this.#stop(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ledger.close().catch(() => {})
  }

  async #publish(): Promise<Published> {
    const { events } = this.#context
    events.phase('merge')
    for (;;) {
      this.#connection.cancellation.check()
      events.step('writing rows')
      try {
        return await this.#publishOnce()
      } catch (error) {
        if (!this.#task.mayChooseAgain?.(error)) throw error
      }
    }
  }

  #publishOnce(): Promise<Published> {
    const { timer } = this.#attempts.environment
    const { run, session } = this.#context
    let strategy: ChangeStrategy | undefined
    const publication = {
      choose: async () => {
        strategy = await this.#task.choose(this.#context)
        return strategy
      },
      rows: (written: MergeResult) => rowsOf((strategy as ChangeStrategy).read, written),
    }
    return publish(this.#context, publication, async (published) => {
      await endStoppedChanges(session, run)
      await this.#ledger.complete({ ...published, seconds: timer.read() })
    })
  }

  async #receipt(key: readonly string[], { rows, aggregates }: Published): Promise<Receipt> {
    const { command, table, tuning } = this.#task
    const { run, session } = this.#context
    const seconds = this.#attempts.environment.timer.read()
    // The changes are visible, so an error from here on must not be reported as a failure.
    await this.#ledger.clean(seconds).catch(() => {})
    await pruneExpired(session, tuning.historyDays).catch(() => {})
    return {
      run,
      command,
      status: 'completed',
      source: null,
      table: displayName(table),
      key,
      bytes: 0,
      workers: 0,
      rows,
      aggregates,
      seconds,
      doubts: [],
    }
  }

  /** Stops the run. An error of the clean-up must not hide the cause. @returns the error to report, with the number of the run */
  async #stop(error: unknown): Promise<DasyError> {
    const { signal, timer } = this.#attempts.environment
    const { run } = this.#context
    await this.#connection.cancellation.end()
    const cause = interruptedOr(error, signal)
    const failure = failureOf(cause, { run, doubts: [], canReadAgain: true })
    Object.assign(failure.error.details, { run })
    await recordFailure(this.#ledger, failure, { rows: null, seconds: timer.read() }).catch(() => {})
    return failure.error
  }
}

/** @throws DasyError RECEIPT_UNBALANCED */
function rowsOf(read: number, { inserted, updated, unchanged, skipped, deleted }: MergeResult): Rows {
  const rows = { read, rejected: 0, duplicates: 0, inserted, updated, unchanged, skipped, deleted }
  checkChangeBalance(rows)
  return rows
}
