import { setTimeout as sleep } from 'node:timers/promises'
import { DasyError, EXIT, internal } from '../base/errors.js'
import type { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import type { WorkerPool } from '../load/pool.js'

/** A cancellation that finds the session between two statements has no effect, hence it is repeated. */
const REPEAT_MS = 200

/**
 * Turns an AbortSignal into the end of a run: the workers stop, and whatever the main session is doing is cancelled,
 * until the run has failed where it stands. It cleans up then.
 */
export class Cancellation {
  readonly #signal: AbortSignal | undefined
  readonly #database: Database
  readonly #session: Session
  readonly #pool: WorkerPool
  #stopping: Promise<void> | undefined
  #over = false

  constructor(signal: AbortSignal | undefined, database: Database, session: Session, pool: WorkerPool) {
    this.#signal = signal
    this.#database = database
    this.#session = session
    this.#pool = pool
    if (signal?.aborted) this.#stop()
    else signal?.addEventListener('abort', this.#stop, { once: true })
  }

  /** @throws DasyError INTERRUPTED between two steps that cannot be cancelled */
  check(): void {
    if (this.#signal?.aborted) throw interrupted()
  }

  /** From here on nothing is cancelled any more: the run is done, or cleans up. */
  async end(): Promise<void> {
    this.#over = true
    this.#signal?.removeEventListener('abort', this.#stop)
    await this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }

  readonly #stop = (): void => {
    this.#stopping = Promise.allSettled([this.#pool.terminate(), this.#cancel()]).then(() => {})
  }

  async #cancel(): Promise<void> {
    while (!this.#over) {
      await this.#cancelOver().catch(() => {}) // the server may have no connection left, for the moment
      await sleep(REPEAT_MS)
    }
  }

  async #cancelOver(): Promise<void> {
    await using other = await this.#database.session('dasy cancel')
    while (!this.#over) {
      await other.run('SELECT pg_cancel_backend($1)', [this.#session.backend])
      await sleep(REPEAT_MS)
    }
  }
}

/** What a failure after an interruption really is. */
export function explained(error: unknown, signal: AbortSignal | undefined): unknown {
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

/** Waits. @throws DasyError INTERRUPTED */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch((error) => {
    throw interrupted(error)
  })
}

/** The same error with a hint how to resume the run, unless it names the run already. */
export function resumable(cause: unknown, run: number): DasyError {
  const error = cause instanceof DasyError ? cause : internal(cause)
  const { code, message, hint, exitStatus, details, triedAgain } = error
  if (details.run !== undefined) return error
  const resume = `Resume it: dasy resume ${run}`
  const fullHint =
    code === 'INTERRUPTED'
      ? `${resume} (or run the same command again)`
      : [hint, resume].filter(Boolean).join(' ')
  return new DasyError(code, message, {
    hint: fullHint,
    exitStatus,
    details: { ...details, run },
    triedAgain,
    cause: error.cause,
  })
}
