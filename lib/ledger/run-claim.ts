import { DasyError, EXIT } from '../base/errors.js'
import { awaitRun, endStagingSessions, reclaimRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { isDead, type StoredRun } from './stored-run.js'

/** Who works at a run, and the errors of those who may not. */

/** How long the session of a dead process may take to end. */
const DEAD_SESSION_MS = 3000

/** @throws DasyError RUN_ACTIVE if another process is working on it */
export async function claimStored(
  session: Session,
  stored: StoredRun,
  before: { readonly backend: number } | undefined,
  waitMs: number,
): Promise<void> {
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

/** The error of an attempt whose run another process has taken over. */
export function taken(run: number): DasyError {
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
