import { setTimeout as sleep } from 'node:timers/promises'
import { DasyError, EXIT } from '../base/errors.js'
import type { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import type { WorkerPool } from '../load/pool.js'

/** The server ignores a cancellation that arrives between two statements, so it is repeated. */
const REPEAT_MS = 200

/**
 * When the AbortSignal is aborted: terminates the workers, and cancels the statements of the main session until the run
 * has failed. After that the run cleans up.
 */
export class Cancellation {
  readonly #signal: AbortSignal | undefined
  readonly #database: Database
  readonly #session: Session
  readonly #pool: WorkerPool
  #stopping: Promise<void> | undefined
  #isEnded = false

  constructor(signal: AbortSignal | undefined, database: Database, session: Session, pool: WorkerPool) {
    this.#signal = signal
    this.#database = database
    this.#session = session
    this.#pool = pool
    if (signal?.aborted) this.#stop()
    else signal?.addEventListener('abort', this.#stop, { once: true })
  }

  /** Called between two steps. @throws DasyError INTERRUPTED */
  check(): void {
    if (this.#signal?.aborted) throw interrupted()
  }

  /** Cancels nothing any more: the run is complete, or cleans up. */
  async end(): Promise<void> {
    this.#isEnded = true
    this.#signal?.removeEventListener('abort', this.#stop)
    await this.#stopping
  }

  readonly #stop = (): void => {
    this.#stopping = Promise.allSettled([this.#pool.terminate(), this.#cancel()]).then(() => {})
  }

  async #cancel(): Promise<void> {
    while (!this.#isEnded) {
      await this.#cancelRepeatedly().catch(() => {}) // the server may have no free connection at the moment
      await sleep(REPEAT_MS)
    }
  }

  async #cancelRepeatedly(): Promise<void> {
    await using other = await this.#database.session('dasy cancel')
    while (!this.#isEnded) {
      await other.run('SELECT pg_cancel_backend($1)', [this.#session.backend])
      await sleep(REPEAT_MS)
    }
  }
}

/** The error to report: after an abort INTERRUPTED, because any other error is only its consequence. */
export function interruptedOr(error: unknown, signal: AbortSignal | undefined): unknown {
  const known = error instanceof DasyError && error.code === 'INTERRUPTED'
  return signal?.aborted && !known ? interrupted(error) : error
}

export function interrupted(cause?: unknown): DasyError {
  return new DasyError('INTERRUPTED', 'interrupted; the table is as it was', {
    hint: 'Run the same command again.',
    exitStatus: EXIT.interrupted,
    cause,
  })
}

/** Waits so long. @throws DasyError INTERRUPTED */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch((error) => {
    throw interrupted(error)
  })
}
