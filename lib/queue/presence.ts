import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../base/backoff.js'
import type { Database } from '../db/database.js'
import { holdWorker, useSchema } from '../db/locks.js'
import { isTransient } from '../db/retry.js'
import type { Session } from '../db/session.js'

/**
 * The session by which a worker is known to be alive: it holds an advisory lock on the worker's name. If its connection is lost, a
 * new session takes the lock again.
 */
export class Presence implements AsyncDisposable {
  readonly #database: Database
  readonly #signal: AbortSignal
  readonly #workers = new Set<string>()
  #session: Promise<Session> | undefined
  #isClosed = false

  constructor(database: Database, signal: AbortSignal) {
    this.#database = database
    this.#signal = signal
  }

  /** Marks a worker as alive. */
  async hold(worker: string): Promise<void> {
    if (this.#workers.has(worker)) return
    await this.use((session) => holdWorker(session, worker))
    this.#workers.add(worker)
  }

  /**
   * Runs statements, each of which may be repeated; others may be sent between them. Until the worker is asked to stop, it waits for a
   * database that is gone.
   */
  async use<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    const backoff = new Backoff(Number.POSITIVE_INFINITY)
    for (;;) {
      try {
        const session = await this.#open()
        const result = await work(session)
        session.endRound()
        return result
      } catch (error) {
        if (!isTransient(error) || this.#signal.aborted) throw error
        await this.#close()
        await sleep(backoff.next() ?? 0, undefined, { signal: this.#signal }).catch(() => {})
        await this.#database.restore().catch(() => {})
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#close()
  }

  async #close(): Promise<void> {
    const opened = this.#session
    this.#session = undefined
    await (await opened?.catch(() => undefined))?.close()
  }

  #open(): Promise<Session> {
    if (this.#isClosed) throw new Error('the worker has ended')
    this.#session ??= this.#connect()
    return this.#session
  }

  async #connect(): Promise<Session> {
    const session = await this.#database.session('dasy work')
    try {
      await useSchema(session)
      for (const worker of this.#workers) await holdWorker(session, worker)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }
}
