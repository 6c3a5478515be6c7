import { Backoff } from '../base/backoff.js'
import type { Events } from '../contract/events.js'
import type { Settings } from '../contract/settings.js'
import type { Database } from '../db/database.js'
import type { Attempt, RunLedger } from '../ledger/run-ledger.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { Source } from '../source/source.js'
import type { PhaseTimer } from './phase-timer.js'

export type LoadCommand = 'ingest' | 'update'

/** What is to be loaded, and how. */
export interface LoadTask {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly sources: readonly Source[]
  /** The run to resume. */
  readonly run?: number
  /** How the sources begin, where that is known without reading them. */
  readonly recorded?: readonly (PreparedSource | undefined)[] | undefined
}

/** What a load works in. */
export interface LoadEnvironment {
  readonly database: Database
  readonly signal: AbortSignal | undefined
  readonly events: Events
  readonly timer: PhaseTimer
}

/** A load over all its attempts: what one attempt finds out and the next one needs. */
export class Load {
  readonly task: LoadTask
  readonly environment: LoadEnvironment
  /** Known as soon as there is one. */
  run: number | undefined
  /** How the sources begin: a pipe says it only once. */
  prepared: LoadTask['recorded']
  /** The latest attempt that had a run. */
  before: Attempt | undefined
  tries = 0
  /** Milliseconds to wait before the next attempt. */
  delay = 0
  /** Between attempts, as long as none stages a range. */
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

  get isFirstTry(): boolean {
    return this.tries === 0
  }

  /** An attempt has a run now: if it fails, the next one resumes this. */
  claimed({ run, attempt, backend }: RunLedger): void {
    this.run = run
    this.before = { run, attempt, backend }
  }

  /** @returns whether there is time for another attempt, which then begins with a delay */
  mayTryAgain(): boolean {
    const delay = this.#backoff.next()
    if (delay === undefined) return false
    this.tries += 1
    this.delay = delay
    return true
  }
}
