import { DasyError } from '../base/errors.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ApplyOptions } from '../contract/options.js'
import type { PlanReceipt, Receipt } from '../contract/receipt.js'
import type { Settings } from '../contract/settings.js'
import { changedFiles, resolveResumeOptions, resolveStoredOptions } from '../contract/stored-settings.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { completedReceipt } from '../ledger/history.js'
import { waiting } from '../ledger/run-claim.js'
import { isPlanned, runNotFound, type StoredRun } from '../ledger/stored-run.js'
import { notAPlan, stale } from '../plan/stale.js'
import { isWhole } from '../plan/stored-plan.js'
import type { Sources } from '../ranges/sources.js'
import { applyWithRetries } from '../run/apply-with-retries.js'
import type { RunEnvironment } from '../run/attempts.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase, whenNotBusy } from '../run/connection.js'
import { loadWithRetries } from '../run/load-with-retries.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { preparedAsStored, recordedSources, reopenSources } from '../run/stored-sources.js'
import { readSqlFile } from '../script/sql-file.js'
import { planOf } from './plan-of-run.js'
import { requireRun } from './runs.js'

/**
 * Publishes a planned run: exactly what it showed, or nothing. With `replan` it is planned again, under the same number, and
 * nothing is applied. Of a completed run it returns the receipt.
 * @throws DasyError RUN_NOT_FOUND, NOT_A_PLAN, PLAN_STALE, PLAN_LOST, RUN_ACTIVE and those of a load; the table is then unchanged
 */
export async function apply(run: number, options: ApplyOptions = {}): Promise<Receipt | PlanReceipt> {
  requireKnownOptions('apply', options)
  parseCount('run', run)
  const { replan, ...others } = options
  const { signal, onEvent } = others
  const events = new Events(onEvent)
  const timer = new PhaseTimer(others.ofProcess)
  events.subscribe(timer.onEvent)
  const { retryMs } = resolveResumeOptions(others, readSqlFile).tuning
  const caller = { signal, note: events.note }
  try {
    if (!(await Database.isThere(options))) throw runNotFound(run)
    await using database = await openDatabase(options, events)
    const found = await whenNotBusy(() => findPlan(database, run, signal), { retryMs, ...caller })
    if ('status' in found) {
      events.emit({ type: 'receipt', receipt: found })
      return found
    }
    return await applyPlan(found, options, { database, signal, events, timer })
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

/** Applies a plan whose turn has come in the queue, or makes it again, in a database that is open. */
export async function applyQueued(
  stored: StoredRun,
  options: ApplyOptions,
  place: Pick<RunEnvironment, 'database' | 'kept'>,
): Promise<Receipt> {
  const { signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer()
  events.subscribe(timer.onEvent)
  try {
    return await applyPlan(stored, options, { ...place, signal, events, timer }, true)
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

async function applyPlan(
  stored: StoredRun,
  { replan, ...options }: ApplyOptions,
  environment: RunEnvironment,
  isOfQueue = false,
): Promise<Receipt> {
  const { run } = stored
  const plan = planOf(stored)
  const settings = resolveStoredOptions(plan.options, options, readSqlFile)
  if (!replan) {
    const [changed] = changedFiles(plan.options, settings)
    if (changed !== undefined) throw stale(run, `${changed} has changed`, { file: changed })
  }
  await using sources = replan
    ? await sourcesToReplan(stored, settings, environment)
    : await recordedSources(stored)
  const { command } = plan
  const recorded = preparedAsStored(sources, stored, settings)
  const task = { command, settings, sources: sources.all, run, recorded, isOfQueue }
  return replan
    ? await loadWithRetries({ ...task, mode: 'plan', again: 'replan' }, environment)
    : await applyWithRetries(task, environment)
}

/** A source that has changed or is gone is not needed, if all of it is staged. */
async function sourcesToReplan(
  stored: StoredRun,
  settings: Settings,
  { database, signal, events }: RunEnvironment,
): Promise<Sources> {
  try {
    return await reopenSources(stored, settings, { signal, note: events.note })
  } catch (error) {
    if (!(error instanceof DasyError) || error.code === 'INTERRUPTED') throw error
    await using session = await database.session('dasy', signal)
    if (!(await isWhole(session, stored.run))) throw error
    return await recordedSources(stored)
  }
}

/** The planned run, or its receipt if it is complete. @throws DasyError RUN_NOT_FOUND, NOT_A_PLAN */
async function findPlan(
  database: Database,
  run: number,
  signal: AbortSignal | undefined,
): Promise<StoredRun | Receipt> {
  await using session = await database.session('dasy', signal)
  const stored = await requireRun(session, run)
  if (stored.outcome === 'completed') return await completedReceipt(session, run)
  requirePlan(stored)
  return stored
}

/** @throws DasyError NOT_A_PLAN, RUN_QUEUED */
export function requirePlan(stored: StoredRun): void {
  const { run } = stored
  if (isPlanned(stored) && stored.queued) throw waiting(stored)
  if (isPlanned(stored)) return
  if (stored.queued) throw notAPlan(run, 'it waits in the queue', `See the queue: dasy jobs ${run}`)
  const status = stored.outcome ?? (stored.active ? 'running' : 'interrupted')
  const hint =
    stored.state === 'ended' || stored.active
      ? `See the run: dasy runs ${run}`
      : `Resume it: dasy resume ${run}`
  throw notAPlan(run, `it is ${status}`, hint)
}
