import type { Database } from '../db/database.js'
import { joinRun } from '../db/locks.js'
import { isBusy, isTransient } from '../db/retry.js'
import { Session } from '../db/session.js'
import type { WorkerPool } from '../load/pool.js'

/** Records from which on a second session is worth its connection. */
const WORTH_A_HELPER = 50_000

/**
 * A second session for what can be done at the same time, in the schema `dasy` only. It connects while the run goes
 * on; where there is no connection to be had, the run does without.
 */
export class SecondSession {
  readonly session: Promise<Session | undefined>
  readonly #database: Database

  /** Begins to connect. */
  constructor(database: Database, run: number, pool: WorkerPool) {
    this.#database = database
    this.session = connect(database, run, pool)
    // Reported by whoever waits for it.
    this.session.catch(() => {})
  }

  /** @param records how many the run has to merge */
  static isWorthIt(pool: WorkerPool, records: number): boolean {
    return pool.size > 1 && records >= WORTH_A_HELPER
  }

  /** After an error: ends what it may be at yet, which holds what has to be cleaned up. */
  async cancel(error: unknown): Promise<void> {
    const session = await this.session.catch(() => undefined)
    // Where there is no connection any more, it is not at work.
    if (session && !isTransient(error)) await this.#database.cancel(session).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.session.catch(() => undefined)
    await session?.close()
  }
}

async function connect(database: Database, run: number, pool: WorkerPool): Promise<Session | undefined> {
  try {
    // Not one connection more than there were.
    await pool.close()
    const session = await Session.open(database.connection, 'dasy helper')
    await joinRun(session, run)
    return session
  } catch (error) {
    if (isBusy(error)) return undefined
    throw error
  }
}
