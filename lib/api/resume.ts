import { DasyError } from '../base/errors.js'
import { runChange } from '../changes/change-run.js'
import { isLoad, resumedChange } from '../changes/resumed-change.js'
import { findUndoable } from '../changes/undoable.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ResumeOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import {
  changedFiles,
  isReadable,
  resolveResumeOptions,
  resolveStoredOptions,
} from '../contract/stored-settings.js'
import { badOption, parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { completedReceipt } from '../ledger/history.js'
import { ended, waiting } from '../ledger/run-claim.js'
import { isPlanned, runNotFound, type StoredRun } from '../ledger/stored-run.js'
import type { RunEnvironment } from '../run/attempts.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase, whenNotBusy } from '../run/connection.js'
import type { LoadTask } from '../run/load.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { preparedAsStored, reopenSources } from '../run/stored-sources.js'
import { readSqlFile } from '../script/sql-file.js'
import { planOf } from './plan-of-run.js'
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

/** What is different with a run of the queue. */
export interface OfQueue {
  /** Its files must be as they were when it was enqueued. */
  readonly isPinned: boolean
  /** Whether the URLs that clients of the service have named may lead to private addresses. */
  readonly allowPrivateUrls: boolean
}

/** Loads a run that was enqueued: as `resume` goes on with one that has stopped, in a database that is open. */
export async function loadQueued(
  stored: StoredRun,
  options: ResumeOptions,
  place: Pick<RunEnvironment, 'database' | 'kept' | 'onPublished'>,
  ofQueue: OfQueue,
): Promise<Receipt> {
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer()
  events.subscribe(timer.onEvent)
  try {
    return await goOn(stored, options, { ...place, signal, events, timer }, ofQueue)
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

async function goOn(
  found: StoredRun,
  options: ResumeOptions,
  environment: RunEnvironment,
  ofQueue?: OfQueue,
): Promise<Receipt> {
  const { run } = found
  const { signal, events } = environment
  const caller = { signal, note: events.note, allowPrivateUrls: ofQueue?.allowPrivateUrls }
  const isOfQueue = ofQueue !== undefined
  if (!isLoad(found)) {
    const task = { ...resumedChange(found, options), isOfQueue }
    return await runChange(task, environment)
  }
  if (options.skipConflicts !== undefined) throw badOption('--skip-conflicts', `run ${run} is no undo`)
  if (!isReadable(found.options)) throw ofEarlierVersion(run)
  const { command, mode, options: begun } = planOf(found)
  const settings = resolveStoredOptions(begun, options, readSqlFile)
  for (const path of changedFiles(begun, settings))
    events.note(`${path} has changed since run ${run} began; its new version is run`)
  await using sources = await reopenSources(found, settings, caller, ofQueue?.isPinned)
  const task: LoadTask = {
    command,
    mode,
    settings,
    sources: sources.all,
    run,
    isOfQueue,
    recorded: preparedAsStored(sources, found, settings),
  }
  return await loadWithRetries(task, environment)
}

function planned(run: number): DasyError {
  return new DasyError('RUN_ENDED', `run ${run} is planned, so there is nothing to resume`, {
    hint: `Apply it: dasy apply ${run}`,
    details: { run },
  })
}

function ofEarlierVersion(run: number): DasyError {
  return new DasyError(
    'RUN_ENDED',
    `run ${run} was begun by an earlier version of dasy and cannot be resumed`,
    {
      hint: `Load the file again; "dasy runs clean ${run}" removes what the run has staged.`,
      details: { run },
    },
  )
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
