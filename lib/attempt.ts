import type { Database } from './db/database.js'
import { useSchema } from './db/locks.js'
import { migrate } from './db/migrations.js'
import { Backoff, isBusy, isTransient } from './db/retry.js'
import { explained, Interruption, pause, resumable } from './interruption.js'
import { WorkerPool } from './load/pool.js'
import type { LoadOptions } from './options.js'
import { type LoadTask, outline, workersFor } from './plan.js'
import type { Receipt } from './receipt.js'
import { Run } from './run.js'
import { completedReceipt } from './runs.js'
import { Stopwatch } from './stopwatch.js'
import { openLedger, retireOthers } from './which-run.js'

/** How long a server that is starting up, or has no connection left, is waited for before a run has begun. */
const BEFORE_BEGIN_MS = 5000

/** A load over all its attempts. */
interface Journey {
  readonly task: LoadTask
  readonly database: Database
  readonly options: LoadOptions
  readonly watch: Stopwatch
  /** Known as soon as there is one. */
  run: number | undefined
  tries: number
  /** Milliseconds to wait before the next one. */
  delay: number
  /** Between attempts, as long as none achieves anything. */
  readonly backoff: Backoff
}

/**
 * Loads what is to be loaded. Where something that passes is in the way (a connection breaks, the server
 * restarts), it goes on with the run as anybody would who resumes it, for as long as the settings have patience.
 */
export async function persevere(task: LoadTask, database: Database, options: LoadOptions): Promise<Receipt> {
  const { patienceMs } = task.settings
  const beforeBegin = new Backoff(Math.min(BEFORE_BEGIN_MS, patienceMs))
  const journey: Journey = {
    task,
    database,
    options,
    watch: new Stopwatch(),
    run: task.run,
    tries: 0,
    delay: 0,
    backoff: new Backoff(patienceMs),
  }
  for (; ; journey.tries++) {
    try {
      return await attempt(journey)
    } catch (error) {
      const cause = explained(error, options.signal)
      const [passes, backoff] =
        journey.run === undefined ? [isBusy(cause), beforeBegin] : [isTransient(cause), journey.backoff]
      const delay = passes ? backoff.next() : undefined
      if (delay === undefined) throw journey.run === undefined ? cause : resumable(cause, journey.run)
      journey.delay = delay
      options.note?.(`${(cause as Error).message}; trying again`)
    }
  }
}

/**
 * One way through, from the file to the receipt:
 *
 *     source → ranges → workers → COPY → staging → merge → aggregate → receipt
 */
async function attempt(journey: Journey): Promise<Receipt> {
  const { task, database, options, watch, tries } = journey
  const { signal, progress = {}, note } = options
  if (tries > 0) {
    await pause(journey.delay, signal)
    await database.restore()
  }
  const patienceMs = tries > 0 ? task.settings.patienceMs : undefined
  await using session = await database.session('dasy', signal, patienceMs)
  await using pool = new WorkerPool(database.connection, workersFor(task.settings, task.source))
  await using interruption = new Interruption(signal, database, session, pool)
  await useSchema(session)
  await migrate(session)
  const outlined = await outline(session, task)
  const workers = pool.size
  const mine = tries > 0
  const ledger = await openLedger(session, { task, run: journey.run, outlined, workers, mine, note })
  if (!ledger) return await completedReceipt(session, journey.run as number)
  journey.run = ledger.run
  try {
    const staged = (): void => journey.backoff.reset()
    using run = new Run({ ...task, ...outlined, database, session, pool, ledger, watch, progress, staged })
    try {
      await run.stage()
      interruption.check()
      await run.judge()
      interruption.check()
      const receipt = await run.publish()
      await retireOthers(session, task, ledger.run).catch(() => {})
      return receipt
    } catch (error) {
      await interruption.end()
      throw await run.stop(explained(error, signal))
    }
  } finally {
    await ledger.close().catch(() => {})
  }
}
