import { Backoff } from '../base/backoff.js'
import { defaults, type LoadOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import { isBusy, isTransient } from '../db/retry.js'
import { completedReceipt } from '../ledger/history.js'
import type { Attempt } from '../ledger/run-ledger.js'
import { WorkerPool } from '../load/pool.js'
import { Cancellation, explained, pause, resumable } from './cancellation.js'
import { discardStoppedRuns, openLedger } from './claim.js'
import type { PhaseTimer } from './phase-timer.js'
import { type LoadTask, type Preflight, preflight, workersFor } from './preflight.js'
import { Run } from './run.js'

/** How long a server that is starting up, or has no connection left, is waited for before a run has begun. */
const BEFORE_BEGIN_MS = 5000

/**
 * Before a run has begun there is nothing to lose: only a server that lets nobody in for the moment is waited for, a
 * little.
 */
export async function whenNotBusy<Result>(
  work: () => Promise<Result>,
  { retryFor, note, signal }: Pick<LoadOptions, 'retryFor' | 'note' | 'signal'>,
): Promise<Result> {
  const backoff = new Backoff(Math.min(BEFORE_BEGIN_MS, (retryFor ?? defaults.retryFor) * 1000))
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const delay = isBusy(error) ? backoff.next() : undefined
      if (delay === undefined) throw error
      note?.(`${(error as Error).message}; trying again`)
      await pause(delay, signal)
    }
  }
}

/** The database of a load. That its server may have to be started is told, and counts by itself. */
export async function openDatabase(options: LoadOptions, watch: PhaseTimer): Promise<Database> {
  watch.enter('start')
  options.progress?.phase?.('start')
  const database = await Database.open(options)
  watch.enter('plan')
  options.progress?.phase?.('plan')
  return database
}

/** A load over all its attempts. */
interface LoadState {
  readonly task: LoadTask
  readonly database: Database
  readonly options: LoadOptions
  readonly watch: PhaseTimer
  /** Known as soon as there is one. */
  run: number | undefined
  /** How the sources begin: a pipe says it only once. */
  readings: LoadTask['recorded']
  /** The latest attempt that had it. */
  before: Attempt | undefined
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
export async function loadWithRetries(
  task: LoadTask,
  database: Database,
  options: LoadOptions,
  watch: PhaseTimer,
): Promise<Receipt> {
  const journey: LoadState = {
    task,
    database,
    options,
    watch,
    run: task.run,
    readings: task.recorded,
    before: undefined,
    tries: 0,
    delay: 0,
    backoff: new Backoff(task.settings.patienceMs),
  }
  for (; ; journey.tries++) {
    try {
      return await attempt(journey)
    } catch (error) {
      const cause = explained(error, options.signal)
      if (journey.run === undefined) throw cause
      const delay = isTransient(cause) ? journey.backoff.next() : undefined
      if (delay === undefined) throw resumable(cause, journey.run)
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
async function attempt(journey: LoadState): Promise<Receipt> {
  const { task, database, options, watch, tries } = journey
  const { signal, progress = {}, note } = options
  if (tries > 0) {
    await pause(journey.delay, signal)
    await database.restore()
  }
  const patienceMs = tries > 0 ? task.settings.patienceMs : undefined
  await using pool = new WorkerPool(workersFor(task.settings, task.sources))
  await using session = await whenNotBusy(() => database.session('dasy', signal, patienceMs), options)
  pool.connect(database.connection)
  await using interruption = new Cancellation(signal, database, session, pool)
  await useSchema(session)
  await migrate(session)
  const outlined = await preflight(session, { ...task, recorded: journey.readings })
  journey.readings = outlined.readings
  if (tries === 0) tell(outlined, task, note)
  const workers = pool.size
  const { run: known, before } = journey
  const ledger = await openLedger(session, { task, run: known, outlined, workers, before, note })
  if (!ledger) return await completedReceipt(session, journey.run as number)
  journey.run = ledger.run
  journey.before = { run: ledger.run, attempt: ledger.attempt, backend: ledger.backend }
  try {
    const staged = (): void => journey.backoff.reset()
    await using run = new Run({
      ...task,
      ...outlined,
      database,
      session,
      pool,
      ledger,
      watch,
      progress,
      note,
      staged,
    })
    try {
      await run.stage()
      interruption.check()
      const judged = await run.judge()
      interruption.check()
      if (judged.rejected > 0) await run.remedy().then((line) => line && note?.(line))
      const receipt = await run.publish(judged)
      await discardStoppedRuns(session, task, ledger.run).catch(() => {})
      return receipt
    } catch (error) {
      await interruption.end()
      throw await run.stop(explained(error, signal))
    }
  } finally {
    await ledger.close().catch(() => {})
  }
}

/** How the sources are taken to be written, and what cannot be done twice. */
function tell({ readings, newSchema }: Preflight, { recorded }: LoadTask, note: LoadOptions['note']): void {
  if (newSchema !== undefined) note?.(`there is no schema "${newSchema}"; it is made with the table`)
  for (const { source, description, doubts } of readings) {
    note?.(`${source.name}: ${description}`)
    for (const doubt of doubts) note?.(`${source.name}: ${doubt}`)
    if (source.repeatable || recorded?.[source.ordinal]) continue
    note?.(
      `${source.name} cannot be read a second time: a run that stops before all of it is staged must be started again`,
    )
  }
}
