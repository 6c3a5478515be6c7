import { DasyError, EXIT } from '../base/errors.js'
import { ownHost } from '../base/host.js'
import { awaitRun, endStagingSessions, reclaimRun, releaseRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { findStored, isCancelled, isDead, runNotFound, type StoredRun } from './stored-run.js'

/** Who works at a run, and the errors of those who may not. */

/** How long the session of a dead process may take to end. */
const DEAD_SESSION_MS = 3000

/** How a run is taken over. */
export interface Claiming {
  /** The earlier attempt of this process, which lost its connection; undefined if there was none. */
  readonly before: { readonly attempt: number; readonly backend: number } | undefined
  /** How long to wait for another process that may be about to end, in milliseconds. */
  readonly waitMs: number
  /** Whether the run was taken from the queue: then it may have been cancelled meanwhile. */
  readonly isOfQueue?: boolean | undefined
}

/**
 * Begins another attempt at a run.
 * @param text the statement that does it
 * @returns the number of the attempt; or the run as it is now, if another process was faster
 * @throws DasyError RUN_ACTIVE if another process is working on it, CANCELLED_BY_USER
 */
export async function beginAgain(
  session: Session,
  stored: StoredRun,
  claiming: Claiming,
  text: string,
  values: readonly unknown[] = [],
): Promise<number | StoredRun> {
  const { run } = stored
  const { before, isOfQueue = false } = claiming
  await claimStored(session, stored, claiming)
  const all = [run, ownHost(), process.pid, before?.attempt ?? null, isOfQueue, ...values]
  const row = await session.row<{ attempt: number }>(statement(text), all)
  if (row) return row.attempt
  await releaseRun(session, run)
  const now = await findStored(session, run)
  if (!now) throw runNotFound(run)
  if (isCancelled(now)) throw cancelledByUser(now)
  return now
}

async function claimStored(session: Session, stored: StoredRun, { before, waitMs }: Claiming): Promise<void> {
  const { run } = stored
  const claimed = before
    ? await reclaimRun(session, run, before.backend)
    : await awaitRun(session, run, isDead(stored) ? Math.max(waitMs, DEAD_SESSION_MS) : waitMs)
  if (!claimed) throw active(stored)
  await endStagingSessions(session, run)
}

export function active({ run, host, pid }: StoredRun): DasyError {
  return new DasyError('RUN_ACTIVE', `run ${run} is running in process ${pid} on ${host}`, {
    hint: 'Wait until it has ended, or stop that process.',
    details: { run, host, pid },
  })
}

/** Why an attempt is no longer the latest one: another process has taken its run over, or a user has cancelled it. */
export async function lostTo(session: Session, run: number): Promise<DasyError> {
  const now = await findStored(session, run)
  return now && isCancelled(now) ? cancelledByUser(now) : taken(run)
}

function taken(run: number): DasyError {
  return new DasyError('RUN_TAKEN', `another process has taken over run ${run}`, {
    hint: `See its progress: dasy runs ${run}`,
    details: { run },
  })
}

/** The error of a command that would do or undo what the queue's workers are to do. */
export function waiting({ run, active }: StoredRun): DasyError {
  const what = active ? 'is being done by a worker of the queue' : 'waits in the queue'
  return new DasyError('RUN_QUEUED', `run ${run} ${what}`, {
    hint: `"dasy work" loads it; "dasy cancel ${run}" takes it out of the queue.`,
    details: { run },
  })
}

/** The error of a run that a user has cancelled. A plan can be applied as before. */
export function cancelledByUser({ run, outcome }: Pick<StoredRun, 'run' | 'outcome'>): DasyError {
  const again = outcome === 'planned' ? 'Apply it' : 'Go on with it'
  const command = outcome === 'planned' ? 'apply' : 'resume'
  return new DasyError('CANCELLED_BY_USER', `run ${run} was cancelled; the table is as it was`, {
    hint: `${again}: dasy ${command} ${run}`,
    exitStatus: EXIT.interrupted,
    details: { run },
  })
}

export function ended(run: number): DasyError {
  return new DasyError('RUN_ENDED', `run ${run} has ended and cannot be resumed`, {
    hint: 'Run the command again.',
    details: { run },
  })
}
