import { Backoff } from '../base/backoff.js'
import type { Events, Note } from '../contract/events.js'
import type { DatabaseOptions, LoadOptions } from '../contract/options.js'
import type { TuningSettings } from '../contract/settings.js'
import { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import { isBusy } from '../db/retry.js'
import type { Session } from '../db/session.js'
import { historyDays } from '../history/age.js'
import { WorkerPool } from '../load/pool.js'
import { SMALLEST_RANGE, UNDIVIDED } from '../ranges/sizing.js'
import type { Source } from '../source/source.js'
import type { Attempts, RunEnvironment } from './attempts.js'
import { Cancellation, pause } from './cancellation.js'

/** The main session and the workers of one attempt; closed when the attempt ends. */
export class LoadConnection {
  readonly database: Database
  readonly session: Session
  readonly pool: WorkerPool
  readonly cancellation: Cancellation
  readonly #environment: RunEnvironment
  #closing: Promise<void> | undefined

  private constructor(session: Session, pool: WorkerPool, environment: RunEnvironment) {
    const { database, signal } = environment
    this.database = database
    this.session = session
    this.pool = pool
    this.cancellation = new Cancellation(signal, database, session, pool)
    this.#environment = environment
  }

  /** Worker threads, if there are any, start while the main session connects. */
  static async open(
    attempts: Attempts,
    makePool: () => WorkerPool | Promise<WorkerPool>,
  ): Promise<LoadConnection> {
    const { environment, isFirstTry } = attempts
    const { database, signal, kept } = environment
    if (!isFirstTry) {
      await pause(attempts.delay, signal)
      await database.restore()
    }
    const pool = await makePool()
    let session: Session | undefined
    try {
      session = (isFirstTry ? kept?.take() : undefined) ?? (await connectMain(attempts))
      pool.connect(database.connection, session)
      return new LoadConnection(session, pool, environment)
    } catch (error) {
      // Their errors must not hide the cause.
      await Promise.allSettled([session?.close(), pool.close()])
      throw error
    }
  }

  /** Creates or migrates the schema dasy; no other session can drop it until this session ends. */
  async prepareSchema(): Promise<void> {
    // Not together: nothing is made or changed without the lock.
    await useSchema(this.session)
    await migrate(this.session)
  }

  /** Also a second time, for those who do not know whether an attempt has had it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    await this.cancellation.end()
    const { kept, signal } = this.#environment
    // A cancellation that was sent may arrive late.
    const isKept = kept !== undefined && !signal?.aborted
    try {
      await (isKept ? kept.giveBack(this.session) : this.session.close())
    } finally {
      await this.pool.close()
    }
  }
}

/** Connects the main session. A retry waits for an answer no longer than the time for retries. */
function connectMain({ environment, retryMs, isFirstTry }: Attempts): Promise<Session> {
  const { database, signal, events } = environment
  const connect = () => database.session('dasy', signal, isFirstTry ? undefined : retryMs)
  return whenNotBusy(connect, { retryMs, note: events.note, signal })
}

/**
 * Opens the database of a run, in a phase of its own: it may start the embedded server.
 * @throws DasyError BAD_OPTION: before that, and before there is a run
 */
export async function openDatabase(
  options: DatabaseOptions & Pick<LoadOptions, 'historyDays'>,
  events: Events,
): Promise<Database> {
  historyDays(options.historyDays)
  events.phase('start')
  const database = await Database.open(options)
  events.phase('plan')
  return database
}

/** How long to wait, before a run has begun, for a server that is starting or has no free connection. */
const BEFORE_RUN_MS = 5000

interface Waiting {
  readonly retryMs: number
  readonly note: Note
  readonly signal: AbortSignal | undefined
}

/**
 * Retries only if the server is starting or has no free connection. Before a run has begun an error loses no work, so
 * all other errors are reported at once.
 */
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

/** At most as many workers as the sources have ranges. */
export async function poolFor(tuning: TuningSettings, sources: readonly Source[]): Promise<WorkerPool> {
  const ranges = rangesOf(tuning, sources)
  return ranges <= 1 ? WorkerPool.local() : WorkerPool.ofThreads(Math.min(tuning.workers, ranges))
}

/** Whether the sources are so small that the main thread copies them. */
export function isOneRange(tuning: TuningSettings, sources: readonly Source[]): boolean {
  return rangesOf(tuning, sources) <= 1
}

/** How many ranges the sources have; infinitely many if that is not known. */
function rangesOf({ rangeSize }: TuningSettings, sources: readonly Source[]): number {
  let ranges = 0
  for (const { size, location } of sources) {
    // The text of a source that is decompressed or decoded is larger than its bytes, by an unknown factor.
    if (size === undefined || !location) return Number.POSITIVE_INFINITY
    if (rangeSize === undefined && size <= UNDIVIDED) ranges += 1
    else ranges += Math.ceil(size / (rangeSize ?? SMALLEST_RANGE))
  }
  return ranges
}
