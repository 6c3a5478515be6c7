import type { Database } from '../db/database.js'
import { joinRun } from '../db/locks.js'
import { isBusy, isTransient } from '../db/retry.js'
import { Session } from '../db/session.js'
import type { OptionalSession } from '../judge/context.js'
import type { WorkerPool } from '../load/pool.js'

/** Records from which on a second session is worth its connection. */
const FEWEST_RECORDS = 50_000

/**
 * A second session for what can be done at the same time, in the schema `dasy` only. It connects while the run goes
 * on; where there is no connection to be had, the run does without.
 */
export class SecondSession implements OptionalSession {
  readonly #database: Database
  readonly #run: number
  readonly #pool: WorkerPool
  #session: Promise<Session | undefined> | undefined

  constructor(database: Database, run: number, pool: WorkerPool) {
    this.#database = database
    this.#run = run
    this.#pool = pool
  }

  get session(): Promise<Session | undefined> | undefined {
    return this.#session
  }

  /**
   * Begins to connect, if that is worth it.
   * @param records how many the run has to merge
   */
  begin(records: number): void {
    if (this.#session || this.#pool.size === 1 || records < FEWEST_RECORDS) return
    this.#session = connect(this.#database, this.#run, this.#pool)
    // The statement that needs it reports its error.
    this.#session.catch(() => {})
  }

  /** After an error: ends its statement, which locks what has to be cleaned up. */
  async cancel(error: unknown): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    // Without a connection there is no statement.
    if (session && !isTransient(error)) await this.#database.cancel(session).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
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
