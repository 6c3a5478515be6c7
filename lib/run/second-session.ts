import type { Database } from '../db/database.js'
import { joinRun } from '../db/locks.js'
import { isBusy, isTransient } from '../db/retry.js'
import { Session } from '../db/session.js'
import type { OptionalSession } from '../judge/context.js'
import type { WorkerPool } from '../load/pool.js'

/** With fewer records, connecting takes longer than a second session saves. */
const FEWEST_RECORDS = 50_000

/**
 * A second session for work that can be done at the same time as that of the main session; it writes to the schema
 * `dasy` only. It connects in the background. If the server has no free connection, the run continues without it.
 */
export class SecondSession implements OptionalSession {
  readonly #database: Database
  readonly #run: number
  readonly #pool: WorkerPool
  readonly #isAlone: boolean
  #session: Promise<Session | undefined> | undefined

  /** @param isAlone whether the run is to have one session only */
  constructor(database: Database, run: number, pool: WorkerPool, isAlone: boolean) {
    this.#database = database
    this.#run = run
    this.#pool = pool
    this.#isAlone = isAlone
  }

  get session(): Promise<Session | undefined> | undefined {
    return this.#session
  }

  /**
   * Begins to connect if the run is large enough.
   * @param records how many are staged
   */
  begin(records: number): void {
    if (this.#session || this.#isAlone || records < FEWEST_RECORDS) return
    this.#session = connect(this.#database, this.#run, this.#pool)
    // The step that awaits the session reports the error.
    this.#session.catch(() => {})
  }

  /**
   * Connects, if that has not been done.
   * @throws DasyError CONNECTION_FAILED if the server has no free connection
   */
  async open(): Promise<Session> {
    const begun = await this.#session
    if (begun) return begun
    this.#session = connectSecond(this.#database, this.#run, this.#pool)
    return (await this.#session) as Session
  }

  /** After an error: cancels its statement, which may lock tables that the clean-up drops. */
  async cancel(error: unknown): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    // After a lost connection no new one can be expected, and the server ends the statement by itself.
    if (session && !isTransient(error)) await this.#database.cancel(session).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    await session?.close()
  }
}

async function connect(database: Database, run: number, pool: WorkerPool): Promise<Session | undefined> {
  try {
    return await connectSecond(database, run, pool)
  } catch (error) {
    if (isBusy(error)) return undefined
    throw error
  }
}

async function connectSecond(database: Database, run: number, pool: WorkerPool): Promise<Session> {
  // The workers' connections are closed first, so that the run never has more connections than before.
  await pool.close()
  const session = await Session.open(database.connection, 'dasy helper')
  await joinRun(session, run)
  return session
}
