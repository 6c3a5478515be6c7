import { requireRun } from '../api/runs.js'
import { DasyError } from '../base/errors.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { DatabaseOptions } from '../contract/options.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { endStagingSessions, isAlive, releaseRun, takeAwayRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { isQueued } from '../ledger/jobs.js'
import { cancelledByUser } from '../ledger/run-claim.js'
import { runNotFound, type StoredRun } from '../ledger/stored-run.js'
import { schedule } from './schedule.js'

export interface CancelResult {
  readonly run: number
  /** A plan whose application was cancelled is planned as before. */
  readonly status: 'interrupted' | 'planned'
}

interface Cancelled {
  readonly outcome: CancelResult['status']
  readonly queue: string | null
}

/**
 * Takes a run out of the queue, or interrupts one that is running, wherever its process is: it loses its session, and finds out when
 * it connects again. The table stays as it was; a plan that was being applied stays a plan.
 * @throws DasyError RUN_NOT_FOUND, NOTHING_TO_CANCEL
 */
export async function cancel(run: number, options: DatabaseOptions = {}): Promise<CancelResult> {
  requireKnownOptions('cancel', options)
  parseCount('run', run)
  await using database = await Database.openIfThere(options)
  if (!database) throw runNotFound(run)
  await using session = await database.session()
  return await cancelIn(session, run)
}

/** The same in a session that is open. */
export async function cancelIn(session: Session, run: number): Promise<CancelResult> {
  const stored = await requireRun(session, run)
  const { code, message, hint } = cancelledByUser(stored)
  const text = statement('queue/cancel', { is_queued: isQueued(), is_alive: isAlive() })
  const row = await session.row<Cancelled>(text, [run, JSON.stringify({ code, message, hint })])
  if (!row) throw nothingToCancel(stored)
  await endWork(session, run)
  if (row.queue !== null) await schedule(session, row.queue)
  return { run, status: row.outcome }
}

/** Ends the sessions that are at work at a run. */
async function endWork(session: Session, run: number): Promise<void> {
  if (!(await takeAwayRun(session, run))) return
  await endStagingSessions(session, run)
  await releaseRun(session, run)
}

function nothingToCancel({ run, outcome, active }: StoredRun): DasyError {
  const status = outcome ?? (active ? 'running' : 'interrupted')
  return new DasyError('NOTHING_TO_CANCEL', `run ${run} is ${status}: there is nothing to cancel`, {
    hint: `See the run: dasy runs ${run}`,
    details: { run, status },
  })
}
