import { DasyError } from '../base/errors.js'
import { runChange } from '../changes/change-run.js'
import { isLoad, resumedChange } from '../changes/resumed-change.js'
import { findUndoable } from '../changes/undoable.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ResumeOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { resolveResumeOptions } from '../contract/stored-settings.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { completedReceipt } from '../ledger/history.js'
import { ended, waiting } from '../ledger/run-claim.js'
import { isPlanned, runNotFound, type StoredRun } from '../ledger/stored-run.js'
import type { RunEnvironment } from '../run/attempts.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase, whenNotBusy } from '../run/connection.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { readSqlFile } from '../script/sql-file.js'
import type { PreparedRun } from './prepared-run.js'
import { type OfQueue, ReopenedLoad } from './reopened-load.js'
import { requireRun } from './runs.js'

/**
 * Resumes a run that failed, was killed or interrupted, or had more rejects or deletions than allowed: loads what is missing,
 * and publishes. If the run is complete already, returns its receipt.
 * @throws DasyError RUN_NOT_FOUND, RUN_ENDED, RUN_ACTIVE, SOURCE_CHANGED and the errors of a load
 */
export async function resume(run: number, options: ResumeOptions = {}): Promise<Receipt> {
  requireKnownOptions('resume', options)
  parseCount('run', run)
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  // A bad value is reported before a server is started.
  const { retryMs } = resolveResumeOptions(options, readSqlFile).tuning
  try {
    if (!(await Database.isThere(options))) throw runNotFound(run)
    await using database = await openDatabase(options, events)
    const retries = { retryMs, signal, note: events.note }
    const found = await whenNotBusy(() => findRun(database, run, signal), retries)
    if (!('status' in found)) return await goOn(found, options, { database, signal, events, timer })
    events.emit({ type: 'receipt', receipt: found })
    return found
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

/**
 * Loads a run that was enqueued: as `resume` goes on with one that has stopped, in a database that is open.
 * @param prepared what was done of it in advance; whoever did it closes it at the end
 */
export async function loadQueued(
  stored: StoredRun,
  options: ResumeOptions,
  place: Pick<RunEnvironment, 'database' | 'kept' | 'onStaged' | 'onPublished'>,
  ofQueue: OfQueue,
  prepared?: PreparedRun,
): Promise<Receipt> {
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer()
  events.subscribe(timer.onEvent)
  try {
    return await goOn(stored, options, { ...place, signal, events, timer }, ofQueue, prepared)
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

async function goOn(
  found: StoredRun,
  options: ResumeOptions,
  environment: RunEnvironment,
  ofQueue?: OfQueue,
  prepared?: PreparedRun,
): Promise<Receipt> {
  const { signal, events } = environment
  if (!isLoad(found)) {
    const task = { ...resumedChange(found, options), isOfQueue: ofQueue !== undefined }
    return await runChange(task, environment)
  }
  const caller = { signal, note: events.note }
  await using reopened = prepared?.reopened ?? (await ReopenedLoad.open(found, options, caller, ofQueue))
  return await loadWithRetries(reopened.task, environment, prepared?.load)
}

function planned(run: number): DasyError {
  return new DasyError('RUN_ENDED', `run ${run} is planned, so there is nothing to resume`, {
    hint: `Apply it: dasy apply ${run}`,
    details: { run },
  })
}

/** The stored run, or its receipt if it is complete. */
async function findRun(
  database: Database,
  run: number,
  signal: AbortSignal | undefined,
): Promise<StoredRun | Receipt> {
  await using session = await database.session('dasy', signal)
  const stored = await requireRun(session, run)
  if (stored.outcome === 'completed') return await completedReceipt(session, run)
  // Another undo has replaced it: ALREADY_UNDONE names that.
  if (stored.state === 'ended' && stored.undoes !== null)
    await session.transaction(() => findUndoable(session, stored.undoes as number))
  requireResumable(stored)
  return stored
}

/** @throws DasyError RUN_QUEUED, RUN_ENDED */
export function requireResumable(stored: StoredRun): void {
  const { run } = stored
  if (stored.queued) throw waiting(stored)
  if (isPlanned(stored)) throw planned(run)
  if (stored.state === 'ended' || (isLoad(stored) && stored.sources.length === 0)) throw ended(run)
}
