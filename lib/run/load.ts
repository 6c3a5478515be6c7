import { Backoff } from '../base/backoff.js'
import type { Events } from '../contract/events.js'
import type { Settings } from '../contract/settings.js'
import type { Database } from '../db/database.js'
import type { Attempt, RunLedger } from '../ledger/run-ledger.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { Source } from '../source/source.js'
import type { PhaseTimer } from './phase-timer.js'

export type LoadCommand = 'ingest' | 'update'

/** Which sources to load, and how. */
export interface LoadTask {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly sources: readonly Source[]
  /** The run to resume. */
  readonly run?: number
  /** By the ordinals of the sources: how a source was read before, if it need not be read again. */
  readonly recorded?: readonly (PreparedSource | undefined)[] | undefined
}

/** What the caller gives a load: the open database, and how to cancel, report and time it. */
export interface LoadEnvironment {
  readonly database: Database
  readonly signal: AbortSignal | undefined
  readonly events: Events
  readonly timer: PhaseTimer
}

/** One load with all its attempts: stores what an attempt finds out and the next one needs. */
export class Load {
  readonly task: LoadTask
  readonly environment: LoadEnvironment
  /** The number of its run, once there is one. */
  run: number | undefined
  /** How the sources are read, found by the first attempt: the beginning of a pipe cannot be read again. */
  prepared: LoadTask['recorded']
  /** The latest attempt that had a run. */
  before: Attempt | undefined
  isFirstTry = true
  /** Milliseconds to wait before the next attempt. */
  delay = 0
  /** The delays between attempts; it begins again after each range that is staged. */
  readonly #backoff: Backoff

  constructor(task: LoadTask, environment: LoadEnvironment) {
    this.task = task
    this.environment = environment
    this.run = task.run
    this.prepared = task.recorded
    this.#backoff = new Backoff(task.settings.tuning.retryMs)
    environment.events.subscribe(({ type }) => {
      if (type === 'progress') this.#backoff.reset()
    })
  }

  /** Stores the run of an attempt: if the attempt fails, the next one resumes it. */
  claimed({ run, attempt, backend }: RunLedger): void {
    this.run = run
    this.before = { run, attempt, backend }
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
