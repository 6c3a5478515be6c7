import { Backoff } from '../base/backoff.js'
import type { DasyError } from '../base/errors.js'
import type { Events, RunFacts } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import type { Database } from '../db/database.js'
import type { KeptSessions } from '../db/kept-sessions.js'
import { isTransient } from '../db/retry.js'
import { StageAgain } from '../judge/stage-again.js'
import { cancelledByUser } from '../ledger/run-claim.js'
import type { Attempt, RunLedger } from '../ledger/run-ledger.js'
import { findStored, isCancelled } from '../ledger/stored-run.js'
import { interruptedOr } from './cancellation.js'
import { type Again, resumable } from './failure.js'
import type { PhaseTimer } from './phase-timer.js'

/** What the caller gives a run: the open database, and how to cancel, report and time it. */
export interface RunEnvironment {
  readonly database: Database
  readonly signal: AbortSignal | undefined
  readonly events: Events
  readonly timer: PhaseTimer
  /** Of a process that does one run after another. */
  readonly kept?: KeptSessions | undefined
  /** Called when so many records of a load are staged: the server is busy with them from now on. */
  readonly onStaged?: ((records: number) => void) | undefined
  /** Called when everybody sees what a load did, before what it used is removed: the next one can begin meanwhile. */
  readonly onPublished?: ((receipt: Receipt) => void) | undefined
}

/** The attempts of one run: stores what an attempt finds out and the next one needs. */
export class Attempts {
  readonly environment: RunEnvironment
  /** How long temporary failures are retried. */
  readonly retryMs: number
  /** The number of the run, once there is one. */
  run: number | undefined
  /** The latest attempt that had a run. */
  before: Attempt | undefined
  isFirstTry = true
  /** Whether records may be staged on the direct path. */
  mayBeDirect = true
  /** The command that continues the run. */
  again: Again = 'resume'
  /** Milliseconds to wait before the next attempt. */
  delay = 0
  readonly #backoff: Backoff

  readonly #facts: Omit<RunFacts, 'run'>

  /** @param run the one to resume */
  constructor(
    environment: RunEnvironment,
    retryMs: number,
    run: number | undefined,
    facts: Omit<RunFacts, 'run'>,
  ) {
    this.environment = environment
    this.#facts = facts
    this.retryMs = retryMs
    this.run = run
    this.#backoff = new Backoff(retryMs)
  }

  /** Stores the run of an attempt: if the attempt fails, the next one resumes it. */
  claimed({ run, attempt, backend }: RunLedger): void {
    this.run = run
    this.before = { run, attempt, backend }
    this.environment.events.tellObservers({ type: 'run', run, ...this.#facts })
  }

  /** The run makes progress, so the delays between attempts begin again. */
  progressed(): void {
    this.#backoff.reset()
  }

  /** What was staged on the direct path cannot become the table. The next attempt begins at once. */
  stageAgain(): void {
    this.isFirstTry = false
    this.delay = 0
    this.mayBeDirect = false
  }

  /** @returns whether there is time for another attempt, which then begins with a delay */
  mayTryAgain(): boolean {
    const delay = this.#backoff.next()
    if (delay === undefined) return false
    this.isFirstTry = false
    this.delay = delay
    return true
  }
}

/**
 * Calls `attempt` until it succeeds: after a temporary failure (a connection breaks, the server restarts) it resumes the run,
 * as `dasy resume` would, until the time for retries is over.
 */
export async function untilDone<Result>(attempts: Attempts, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await tryUntilDone(attempts, attempt)
  } catch (error) {
    attempts.environment.events.tellObservers({ type: 'failed', error })
    throw error
  }
}

async function tryUntilDone<Result>(attempts: Attempts, attempt: () => Promise<Result>): Promise<Result> {
  const { signal, events } = attempts.environment
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const cause = interruptedOr(error, signal)
      if (cause instanceof StageAgain) {
        attempts.stageAgain()
        continue
      }
      if (attempts.run === undefined) throw cause
      if (!isTransient(cause)) throw resumable(cause, attempts.run, attempts.again)
      if (!attempts.mayTryAgain())
        throw (await cancellationOf(attempts)) ?? resumable(cause, attempts.run, attempts.again)
      events.note(`${(cause as Error).message}; trying again`)
    }
  }
}

/** Who cancels a run ends its session. The next attempt would find that out; if there is none, this does. */
async function cancellationOf({ environment, run }: Attempts): Promise<DasyError | undefined> {
  const { database, signal } = environment
  try {
    await using session = await database.session('dasy', signal)
    const stored = await findStored(session, run as number)
    return stored && isCancelled(stored) ? cancelledByUser(stored) : undefined
  } catch {
    return undefined
  }
}
