import type { ResumeOptions } from '../contract/options.js'
import { isAlive, isWorkerAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { type Fragment, part, sql, statement } from '../db/sql.js'
import { isToDo } from '../ledger/jobs.js'
import type { StoredError } from '../ledger/run-facts.js'

/**
 * The queue in the database. The ledger says what is to be done: dasy.jobs. A job of graphile-worker says only "look at this
 * queue", which is one table; whoever gets it takes the oldest run of that table. So one job more or less does no harm.
 */

/** What is to be done with a run: it is begun or gone on with; or it is a plan, which is applied or planned again. */
export type Action = 'run' | 'apply' | 'replan'

/** A run that a worker has taken. */
export interface TakenRun {
  readonly run: number
  readonly table: string
  readonly action: Action
  readonly tuning: ResumeOptions
  /** Those that failed. */
  readonly attempts: number
  readonly max_attempts: number
  /** Attempts at the run before this one, whoever made them. */
  readonly begun: number
  /** Whether its files must be as they were when it was enqueued. */
  readonly pinned: boolean
  /** The request of a client of the service that put it there. */
  readonly request: string | null
  /** For how many seconds it could have been begun. */
  readonly waited: number
}

interface Head extends Omit<TakenRun, 'run'> {
  readonly run: number | null
  readonly free: boolean
}

const ONE = sql`(SELECT $1::text AS queue)`
const ALL = sql`(SELECT DISTINCT queue FROM dasy.jobs WHERE waiting)`

function heads(queues: Fragment): Fragment {
  const worker = sql`j.worker`
  const values = { queues, is_to_do: isToDo(), is_alive: isAlive(), is_worker_alive: isWorkerAlive(worker) }
  return part('queue/heads', values)
}

/** Makes or changes the job of a queue, after something has changed in it. */
export async function schedule(session: Session, queue: string): Promise<void> {
  await session.run(statement('queue/schedule', { heads: heads(ONE) }), [queue])
}

/**
 * Takes the next run of a queue for a worker.
 * @returns undefined if there is none, or if it is not for this worker now
 */
export async function take(
  session: Session,
  queue: string,
  worker: string,
  host: string,
): Promise<TakenRun | undefined> {
  const values = { heads: heads(ONE), is_worker_alive: isWorkerAlive(sql`j.worker`) }
  const head = await session.row<Head>(statement('queue/take', values), [queue, worker, host])
  if (head?.free && head.run === null) await schedule(session, queue)
  return head?.run == null ? undefined : { ...head, run: head.run }
}

/** What a worker would take next, and how it would load that. */
export type Following = Pick<TakenRun, 'run' | 'action' | 'tuning' | 'pinned' | 'begun'>

/** @returns the run that follows another one in its queue, if this host could begin it now */
export async function findFollowing(
  session: Session,
  queue: string,
  run: number,
  host: string,
): Promise<Following | undefined> {
  const text = statement('queue/find_following', { is_to_do: isToDo() })
  return await session.row<Following>(text, [queue, run, host])
}

/** What a worker found out about a run that it had taken. */
export interface Result {
  readonly staysInQueue: boolean
  /** In how many seconds it is tried again, after an attempt that failed. */
  readonly pause?: number
  readonly error?: StoredError
  readonly outcome?: 'failed' | 'rejected'
}

/** Gives back a run that a worker had taken. */
export async function settle(session: Session, run: number, worker: string, result: Result): Promise<void> {
  const { staysInQueue, pause, error, outcome } = result
  await session.run(statement('queue/settle', { is_alive: isAlive() }), [
    ...[run, worker, staysInQueue, pause ?? null],
    ...[error === undefined ? null : JSON.stringify(error), outcome ?? null],
  ])
}

/** Repairs what workers left that were killed. */
export async function sweep(session: Session): Promise<void> {
  const is_locker_alive = isWorkerAlive(sql`locked_by`)
  const is_worker_alive = isWorkerAlive(sql`j.worker`)
  await session.run(
    statement('queue/sweep', {
      heads: heads(ALL),
      is_to_do: isToDo(),
      is_locker_alive,
      is_worker_alive,
    }),
  )
  await session.run(statement('queue/remove_dead_jobs'))
}

/** Whether this host could begin a run within so many seconds that no worker has. */
export async function isSomethingLeft(session: Session, host: string, seconds: number): Promise<boolean> {
  const text = statement('queue/is_something_left', { heads: heads(ALL) })
  return (await session.row<{ left: boolean }>(text, [host, seconds]))?.left ?? false
}
