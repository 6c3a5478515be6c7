import type { Database } from './db/database.js'
import type { Session } from './db/session.js'
import { DasyError, EXIT } from './errors.js'
import type { WorkerPool } from './load/pool.js'

/**
 * Turns an AbortSignal into the end of a run: the workers stop, and whatever the main session is doing is
 * cancelled. The run then fails where it stands, and cleans up.
 */
export class Interruption {
  readonly #signal: AbortSignal | undefined
  readonly #stop: () => void
  #stopped: Promise<unknown> | undefined

  constructor(signal: AbortSignal | undefined, database: Database, session: Session, pool: WorkerPool) {
    this.#signal = signal
    this.#stop = () => {
      this.#stopped = Promise.allSettled([pool.terminate(), database.cancel(session)])
    }
    if (signal?.aborted) this.#stop()
    else signal?.addEventListener('abort', this.#stop, { once: true })
  }

  /** @throws DasyError INTERRUPTED between two steps that cannot be cancelled */
  check(): void {
    if (this.#signal?.aborted) throw interrupted()
  }

  /** What a run that failed with `error` really ended of, once nothing is left to be cancelled. */
  async explain(error: unknown): Promise<unknown> {
    if (!this.#signal?.aborted) return error
    await this.#stopped
    return interrupted(error)
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener('abort', this.#stop)
  }
}

function interrupted(cause?: unknown): DasyError {
  return new DasyError('INTERRUPTED', 'interrupted; the table is as it was', {
    hint: 'Run the same command again.',
    exitStatus: EXIT.interrupted,
    cause,
  })
}
