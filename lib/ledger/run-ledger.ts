import { ownHost } from '../base/host.js'
import type { RunStatus, Seconds } from '../contract/receipt.js'
import { RUN_LOCKS, releaseRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { literal, number, query, statement } from '../db/sql.js'
import type { StagedRange } from '../ranges/gaps.js'
import type { Source } from '../source/source.js'
import { active, beginAgain, type Claiming, lostTo } from './run-claim.js'
import type { Ending, NewRun, RunState, Totals } from './run-facts.js'
import { listSources, type NewSource, recordSizes, recordSource } from './sources.js'
import { removingStaging } from './staging.js'
import { findStored, isPlanned, runNotFound, type StoredRun } from './stored-run.js'

export interface Reopening extends Claiming {
  readonly options: object
  readonly workers: number
}

/** An attempt at a run. Only the latest one can write to the ledger. */
export interface Attempt {
  readonly run: number
  readonly attempt: number
  readonly backend: number
}

/** A run in the ledger. Until it is closed, an advisory lock shows that the run is active. */
export class RunLedger implements Attempt {
  private constructor(
    readonly run: number,
    readonly attempt: number,
    readonly session: Session,
    /** The synchronous_commit of the session, for the commit that ends or stops the run. */
    readonly durability: string,
    /** Whether it is planned, and stays so until it is applied, planned again or rejected. */
    readonly isPlanned: boolean,
  ) {}

  /**
   * Once the attempt is stored, the session no longer waits at each commit until the log is on disk. The commit that ends or
   * stops the run does, and the log is written in order: so what the run recorded before is then on disk too. A crash of the
   * server before that loses the staging tables anyway, and the run goes on from what is left.
   */
  static async #own(session: Session, run: number, attempt: number, isPlanned = false): Promise<RunLedger> {
    const row = await session.row<{ durability: string }>(
      query`SELECT current_setting('synchronous_commit') AS durability, set_config('synchronous_commit', 'off', false)`,
    )
    return new RunLedger(run, attempt, session, (row as { durability: string }).durability, isPlanned)
  }

  get backend(): number {
    return this.session.backend
  }

  /** Whether no earlier attempt can have staged anything. */
  get isNew(): boolean {
    return this.attempt === 1
  }

  static async begin(session: Session, run: NewRun): Promise<RunLedger> {
    const number = await session.transaction(async () => {
      const { command, target, key, options, workers, doubts, sources, undoes } = run
      const row = await session.row<{ run: number }>(
        statement('ledger/begin_run', { run_locks: RUN_LOCKS }),
        [
          command,
          target,
          key,
          JSON.stringify(options),
          workers,
          ownHost(),
          process.pid,
          JSON.stringify(doubts),
          undoes ?? null,
        ],
      )
      const { run: begun } = row as { run: number }
      await session.together(() => sources.map((each) => recordSource(session, begun, each)))
      return begun
    })
    return await RunLedger.#own(session, number, 1)
  }

  /**
   * Resumes a run that stopped.
   * @returns undefined if the run has ended meanwhile
   * @throws DasyError RUN_ACTIVE if another process is working on it, CANCELLED_BY_USER
   */
  static async reopen(
    session: Session,
    stored: StoredRun,
    reopening: Reopening,
  ): Promise<RunLedger | undefined> {
    const { options, workers } = reopening
    const values = [JSON.stringify(options), workers]
    const now = await beginAgain(session, stored, reopening, 'ledger/reopen_run', values)
    if (typeof now === 'number') return await RunLedger.#own(session, stored.run, now)
    if (now.state !== 'ended') throw active(stored)
    return undefined
  }

  /**
   * Takes over a planned run, which stays planned until it is applied or planned again.
   * @returns undefined if it is no plan any more @throws DasyError RUN_ACTIVE, CANCELLED_BY_USER
   */
  static async takePlan(
    session: Session,
    stored: StoredRun,
    claiming: Claiming,
  ): Promise<RunLedger | undefined> {
    const now = await beginAgain(session, stored, claiming, 'ledger/take_plan')
    if (typeof now === 'number') return await RunLedger.#own(session, stored.run, now, true)
    if (isPlanned(now)) throw active(stored)
    return undefined
  }

  /** Records how the sources of a run are read that was enqueued, which begins now. */
  async beginQueued(sources: readonly NewSource[], doubts: readonly string[]): Promise<void> {
    const { session, run } = this
    await session.transaction(() =>
      session.together(() => [
        session.run(statement('ledger/begin_queued'), [run, JSON.stringify(doubts)]),
        ...sources.map((each) => recordSource(session, run, each)),
      ]),
    )
  }

  /** @throws DasyError RUN_TAKEN, CANCELLED_BY_USER */
  async enter(state: RunState): Promise<void> {
    const entered = await this.session.run(statement('ledger/enter_state'), [this.run, this.attempt, state])
    if (entered === 0) throw await lostTo(this.session, this.run)
  }

  async state(): Promise<RunState> {
    const row = await this.session.row<{ state: RunState }>(
      query`SELECT state FROM dasy.runs WHERE run = $1`,
      [this.run],
    )
    return (row as { state: RunState }).state
  }

  /**
   * The ranges that are staged. A crash of the server empties the unlogged staging; then this deletes the rejects of the lost
   * ranges too.
   */
  async staged(): Promise<StagedRange[]> {
    await this.session.run(statement('ledger/forget_unstaged_rejects'), [this.run])
    return this.session.rows<StagedRange>(statement('ledger/staged_ranges'), [this.run])
  }

  /** @see recordSizes */
  async sized(sources: readonly Source[]): Promise<number> {
    return await recordSizes(this.session, this.run, sources)
  }

  /** The offsets at which the texts of the sources end, in their order; null where not known. */
  async textEnds(): Promise<(number | null)[]> {
    const sources = await listSources(this.session, [this.run])
    return sources.map(({ text_bytes }) => text_bytes)
  }

  async totals(): Promise<Totals> {
    return (await this.session.row<Totals>(statement('ledger/totals'), [this.run])) as Totals
  }

  /**
   * Within the publishing transaction, so that the receipt is committed with the rows that it counts.
   * @throws DasyError RUN_TAKEN if another process has taken it over, CANCELLED_BY_USER: nothing is applied twice
   */
  async complete(ending: Ending): Promise<void> {
    if ((await this.#end('completed', ending)) === 0) throw await lostTo(this.session, this.run)
  }

  /**
   * Records that the run is planned. Its staging is kept, so that it can be applied.
   * @param session whose transaction stores the plan
   * @throws DasyError RUN_TAKEN, CANCELLED_BY_USER
   */
  async planned({ rows, aggregates, seconds }: Ending, session: Session): Promise<void> {
    const values = [this.run, this.attempt, json(rows), json(aggregates), json(seconds), this.durability]
    if ((await session.run(statement('ledger/plan_run'), values)) === 0)
      throw await lostTo(this.session, this.run)
  }

  /** Records why a run stopped. Its staging is kept, so that it can be resumed. */
  async stop(
    outcome: 'failed' | 'interrupted' | 'rejected',
    { rows, seconds, error }: Ending,
    session = this.session,
  ): Promise<void> {
    await session.run(statement('ledger/stop_run'), [
      this.run,
      this.attempt,
      outcome,
      json(rows),
      json(seconds),
      json(error ?? null),
      this.durability,
    ])
  }

  /** Ends a run that cannot be resumed, and removes its staging. */
  async abandon(outcome: 'failed' | 'interrupted' | 'rejected', ending: Ending): Promise<void> {
    await this.session.transaction(async () => {
      if ((await this.#end(outcome, ending)) > 0) await this.session.run(removingStaging(this.run))
    })
  }

  /** After the commit: removes the staging of the run, and records its times, which include the commit. */
  async clean(seconds: Seconds): Promise<void> {
    const values = { run: number(this.run), seconds: literal(JSON.stringify(seconds)) }
    const texts = [statement('ledger/record_seconds', values), removingStaging(this.run)]
    // One message, and so one transaction.
    await this.session.run(texts.join(';\n'))
  }

  async close(): Promise<void> {
    await releaseRun(this.session, this.run)
  }

  async #end(outcome: RunStatus, { rows, aggregates, seconds, error }: Ending): Promise<number> {
    return this.session.run(statement('ledger/end_run'), [
      this.run,
      this.attempt,
      outcome,
      json(rows),
      json(aggregates),
      json(seconds),
      json(error ?? null),
      this.durability,
    ])
  }
}

/** @throws DasyError RUN_NOT_FOUND */
export async function requireStored(session: Session, run: number): Promise<StoredRun> {
  const stored = await findStored(session, run)
  if (stored) return stored
  throw runNotFound(run)
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}
