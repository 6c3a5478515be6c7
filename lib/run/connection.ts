import { Backoff } from '../base/backoff.js'
import type { Events, Note } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import type { TuningSettings } from '../contract/settings.js'
import { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import { isBusy } from '../db/retry.js'
import type { Session } from '../db/session.js'
import { WorkerPool } from '../load/pool.js'
import { SMALLEST_RANGE } from '../ranges/sizing.js'
import type { Source } from '../source/source.js'
import { Cancellation, pause } from './cancellation.js'
import type { Load } from './load.js'

/** What an attempt has of the server: its main session and its workers, until it ends or is cancelled. */
export class LoadConnection {
  readonly database: Database
  readonly session: Session
  readonly pool: WorkerPool
  readonly cancellation: Cancellation

  private constructor(database: Database, session: Session, pool: WorkerPool, cancellation: Cancellation) {
    this.database = database
    this.session = session
    this.pool = pool
    this.cancellation = cancellation
  }

  /** Worker threads start while the main session connects. */
  static async open({ task, environment, isFirstTry, delay }: Load): Promise<LoadConnection> {
    const { database, signal, events } = environment
    const { tuning } = task.settings
    if (!isFirstTry) {
      await pause(delay, signal)
      await database.restore()
    }
    const pool = new WorkerPool(workersFor(tuning, task.sources))
    let session: Session | undefined
    try {
      const retryMs = isFirstTry ? undefined : tuning.retryMs
      session = await whenNotBusy(() => database.session('dasy', signal, retryMs), {
        retryMs: tuning.retryMs,
        note: events.note,
        signal,
      })
      pool.connect(database.connection)
      return new LoadConnection(database, session, pool, new Cancellation(signal, database, session, pool))
    } catch (error) {
      await session?.close()
      await pool.close()
      throw error
    }
  }

  /** Makes or updates the schema dasy, which stays as long as the session uses it. */
  async prepareSchema(): Promise<void> {
    await useSchema(this.session)
    await migrate(this.session)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancellation.end()
    try {
      await this.session.close()
    } finally {
      await this.pool.close()
    }
  }
}

/** The database of a load. Starting its server is a phase of its own. */
export async function openDatabase(options: DatabaseOptions, events: Events): Promise<Database> {
  events.phase('start')
  const database = await Database.open(options)
  events.phase('plan')
  return database
}

/** How long a server that is starting, or has no connection left, is waited for before a run has begun. */
const BEFORE_RUN_MS = 5000

interface Waiting {
  readonly retryMs: number
  readonly note: Note
  readonly signal: AbortSignal | undefined
}

/** Before a run has begun nothing is lost by an error: only a server that refuses connections for the moment is waited for. */
export async function whenNotBusy<Result>(
  work: () => Promise<Result>,
  { retryMs, note, signal }: Waiting,
): Promise<Result> {
  const backoff = new Backoff(Math.min(BEFORE_RUN_MS, retryMs))
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const delay = isBusy(error) ? backoff.next() : undefined
      if (delay === undefined) throw error
      note(`${(error as Error).message}; trying again`)
      await pause(delay, signal)
    }
  }
}

/** No more workers than the sources have ranges. */
function workersFor({ workers, rangeSize }: TuningSettings, sources: readonly Source[]): number {
  let ranges = 0
  for (const { size, location } of sources) {
    // A source that is decompressed or decoded has more text than bytes; how much is unknown.
    if (size === undefined || !location) return workers
    ranges += Math.ceil(size / (rangeSize ?? SMALLEST_RANGE))
  }
  return Math.max(1, Math.min(workers, ranges))
}
