import { claimRun, RUN_LOCK_CLASS, releaseRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { dropStaging } from '../load/staging.js'
import type { AggregateReceipt, Rows, RunStatus, Seconds } from '../receipt.js'
import type { Source } from '../source/source.js'

export type RunState = 'planned' | 'staging' | 'staged' | 'merging'

export interface NewRun {
  readonly command: string
  readonly target: string
  readonly key: readonly string[]
  readonly options: Record<string, unknown>
  readonly workers: number
  readonly sources: readonly Source[]
}

export interface Ending {
  readonly rows: Partial<Rows> | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  readonly error?: { code: string; message: string; hint: string | undefined }
}

/**
 * One run in the ledger. While this object is open the run is known to be alive: it holds an advisory lock.
 */
export class RunLedger {
  private constructor(
    readonly run: number,
    readonly session: Session,
  ) {}

  static async begin(session: Session, run: NewRun): Promise<RunLedger> {
    const number = await session.transaction(async () => {
      const { command, target, key, options, workers, sources } = run
      const row = await session.row<{ run: number }>(statement('ledger/begin_run'), [
        command,
        target,
        key,
        JSON.stringify(options),
        workers,
      ])
      const { run: begun } = row as { run: number }
      for (const { ordinal, kind, name, size, repeatable, identity } of sources) {
        await session.run(statement('ledger/record_source'), [
          begun,
          ordinal,
          kind,
          name,
          size ?? null,
          repeatable,
          JSON.stringify(identity),
        ])
      }
      // Before the commit: no other session ever sees this run without its lock.
      await claimRun(session, begun)
      return begun
    })
    return new RunLedger(number, session)
  }

  async enter(state: RunState): Promise<void> {
    await this.session.run(statement('ledger/enter_state'), [this.run, state])
  }

  /** Within the transaction that publishes, so that the receipt and what it tells of are one. */
  async complete(ending: Ending): Promise<void> {
    await this.#end('completed', ending)
  }

  /** Ends a run that did not publish, and removes what it staged. */
  async abandon(outcome: 'failed' | 'interrupted' | 'rejected', ending: Ending): Promise<void> {
    await this.session.transaction(async () => {
      await this.#end(outcome, ending)
      await this.#forget()
    })
  }

  /** After the commit: removes what the run staged, and notes what it took, the commit included. */
  async clean(seconds: Seconds): Promise<void> {
    await this.session.transaction(async () => {
      await this.session.run(statement('ledger/record_seconds'), [this.run, json(seconds)])
      await this.#forget()
    })
  }

  async close(): Promise<void> {
    await releaseRun(this.session, this.run)
  }

  async #forget(): Promise<void> {
    await dropStaging(this.session, this.run)
    await this.session.run(statement('ledger/forget_ranges'), [this.run])
  }

  async #end(outcome: RunStatus, { rows, aggregates, seconds, error }: Ending): Promise<void> {
    await this.session.run(statement('ledger/end_run'), [
      this.run,
      outcome,
      json(rows),
      json(aggregates),
      json(seconds),
      json(error ?? null),
    ])
  }
}

/** Ends the runs whose process died, and removes what they staged. @returns their numbers */
export async function sweepDeadRuns(session: Session): Promise<number[]> {
  const swept: number[] = []
  for (const { run } of await session.rows<{ run: number }>(statement('ledger/find_dead_runs'), [
    RUN_LOCK_CLASS,
  ])) {
    // Whoever gets the lock sweeps; the others leave it alone.
    if (!(await claimRun(session, run))) continue
    try {
      await session.transaction(async () => {
        await session.run(statement('ledger/end_dead_run'), [run])
        await dropStaging(session, run)
        await session.run(statement('ledger/forget_ranges'), [run])
      })
      swept.push(run)
    } finally {
      await releaseRun(session, run)
    }
  }
  return swept
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}
