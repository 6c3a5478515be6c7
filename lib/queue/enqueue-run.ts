import { requirePlan } from '../api/apply.js'
import { planOf } from '../api/plan-of-run.js'
import { requireResumable } from '../api/resume.js'
import { ownHost } from '../base/host.js'
import type { ChangeTask } from '../changes/change-task.js'
import { purgeTask } from '../changes/purge.js'
import { isLoad, resumedChange } from '../changes/resumed-change.js'
import { undoTask } from '../changes/undo.js'
import { findUndoable, tableNow } from '../changes/undoable.js'
import { requireOneExpression } from '../contract/condition.js'
import type { ResumeOptions } from '../contract/options.js'
import type {
  EnqueueApplyOptions,
  EnqueuePurgeOptions,
  EnqueueResumeOptions,
  EnqueueUndoOptions,
  QueueOptions,
} from '../contract/queue-options.js'
import { tuningSettings } from '../contract/settings.js'
import { isReadable, resolveStoredOptions } from '../contract/stored-settings.js'
import { parseTableName, type TableName } from '../contract/table-name.js'
import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { isQueued } from '../ledger/jobs.js'
import { active, ended, waiting } from '../ledger/run-claim.js'
import { requireStored } from '../ledger/run-ledger.js'
import type { StoredRun } from '../ledger/stored-run.js'
import { readSqlFile } from '../script/sql-file.js'
import { attemptsOf, type EnqueueResult, inQueue, queueOf, store, tuningOf } from './enqueue.js'
import { hostOf } from './host.js'
import { type Action, schedule } from './schedule.js'

/**
 * What else than a new load can be put into the queue. Each is checked at once as its own command checks it, and is done in its turn: in
 * the order of the runs of its table. The functions that take a session work in the transaction of their caller, in a database that has
 * a queue.
 */

/**
 * Puts the application of a plan into the queue, or with `replan` that it is made again. Nothing is to be done with a completed run.
 * @throws DasyError RUN_NOT_FOUND, NOT_A_PLAN, RUN_QUEUED, RUN_ACTIVE
 */
export function enqueueApply(run: number, options: EnqueueApplyOptions = {}): Promise<EnqueueResult> {
  return inQueue(options, (session) => storeApply(session, run, options))
}

export async function storeApply(
  session: Session,
  run: number,
  options: EnqueueApplyOptions,
): Promise<EnqueueResult> {
  const stored = await requireStored(session, run)
  if (stored.outcome === 'completed') return { run }
  requirePlan(stored)
  await storeAgain(session, stored, options.replan ? 'replan' : 'apply', options)
  return { run }
}

/**
 * Puts a run into the queue that has stopped. Nothing is to be done with a completed one.
 * @throws DasyError RUN_NOT_FOUND, RUN_ENDED, RUN_QUEUED, RUN_ACTIVE, BAD_OPTION
 */
export function enqueueResume(run: number, options: EnqueueResumeOptions = {}): Promise<EnqueueResult> {
  return inQueue(options, (session) => storeResume(session, run, options))
}

export async function storeResume(
  session: Session,
  run: number,
  options: EnqueueResumeOptions,
): Promise<EnqueueResult> {
  const stored = await requireStored(session, run)
  if (stored.outcome === 'completed') return { run }
  requireResumable(stored)
  await storeAgain(session, stored, 'run', options)
  return { run }
}

/**
 * Puts the undo of a completed run into the queue.
 * @returns the run that will take it back
 * @throws DasyError as `undo` does before it begins
 */
export function enqueueUndo(run: number, options: EnqueueUndoOptions = {}): Promise<EnqueueResult> {
  return inQueue(options, (session) => storeUndo(session, run, options))
}

export async function storeUndo(
  session: Session,
  run: number,
  options: EnqueueUndoOptions,
): Promise<EnqueueResult> {
  const undoable = await findUndoable(session, run)
  const undone = { undoes: run, skipConflicts: options.skipConflicts ?? false }
  const task = undoTask(undone, tableNow(undoable), tuningSettings(options))
  return await storeChange(session, task, undoable.record.key, options)
}

/**
 * Puts a purge into the queue.
 * @throws DasyError as `purge` does before it begins
 */
export function enqueuePurge(table: string, options: EnqueuePurgeOptions = {}): Promise<EnqueueResult> {
  return inQueue(options, (session) => storePurge(session, table, options))
}

export async function storePurge(
  session: Session,
  table: string,
  options: EnqueuePurgeOptions,
): Promise<EnqueueResult> {
  const { where } = options
  if (where !== undefined) requireOneExpression('--where', where)
  const task = purgeTask({ table: parseTableName(table, 'TABLE'), where }, tuningSettings(options))
  return await storeChange(session, task, await task.prepare(session), options)
}

/** A run without sources, which any host can do. */
async function storeChange(
  session: Session,
  { command, table, options: outcome, undoes }: ChangeTask,
  key: readonly string[],
  options: ResumeOptions & QueueOptions,
): Promise<EnqueueResult> {
  const run = { command, table, key, options: outcome, workers: 0, sources: [], undoes }
  const how = { host: null, tuning: tuningOf(options), attempts: attemptsOf(options) }
  return await store(session, { run, ...how })
}

async function storeAgain(
  session: Session,
  stored: StoredRun,
  action: Action,
  options: ResumeOptions & QueueOptions,
): Promise<void> {
  const { run } = stored
  const { maxRejects, maxDeletes, syncDespiteRejects, skipConflicts } = options
  const tuning = { ...tuningOf(options), maxRejects, maxDeletes, syncDespiteRejects, skipConflicts }
  const { table, host } = whereDone(stored, action, tuning, options)
  const queue = await queueOf(session, table)
  const row = await session.row(
    statement('queue/enqueue_again', { is_queued: isQueued(), is_alive: isAlive() }),
    [run, queue, action, host, JSON.stringify(tuning), attemptsOf(options)],
  )
  if (!row) throw stored.active ? active(stored) : waiting(await requireStored(session, run))
  await schedule(session, queue)
}

/** Checks also what can be checked of the options. */
function whereDone(
  stored: StoredRun,
  action: Action,
  tuning: ResumeOptions,
  { shared = [] }: QueueOptions,
): { readonly table: TableName; readonly host: string | null } {
  if (!isLoad(stored)) {
    const { table } = resumedChange(stored, tuning)
    return { table, host: null }
  }
  const { options } = planOf(stored)
  if (!isReadable(options)) throw ended(stored.run)
  const { table, hooks } = resolveStoredOptions(options, tuning, readSqlFile)
  // Nothing is read again to apply a plan, except the user's SQL.
  const sources = action === 'apply' ? [] : stored.sources
  return { table, host: hostOf({ sources, hooks }, stored.host ?? ownHost(), shared) }
}
