import { DasyError } from '../base/errors.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { JobsOptions, RetryOptions } from '../contract/queue-options.js'
import type { RunError } from '../contract/receipt.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { isAlive } from '../db/locks.js'
import { migrateIfThere } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { isToDo, jobState } from '../ledger/jobs.js'
import { active, ended } from '../ledger/run-claim.js'
import { requireStored } from '../ledger/run-ledger.js'
import { isPlanned } from '../ledger/stored-run.js'
import { schedule } from './schedule.js'
import { prepareQueue } from './schema.js'

export type JobState = 'waiting' | 'running' | 'failed' | 'done'

/** A run that was enqueued. */
export interface Job {
  readonly run: number
  readonly state: JobState
  readonly command: string
  readonly source: string | readonly string[]
  readonly table: string
  /** The only host that can load it; null if any can. */
  readonly host: string | null
  /** What a waiting run waits for: `worker`, `run 11` that is before it, `host b`, or `next try`. */
  readonly waitsFor: string | null
  /** Who is or was last at work at it. */
  readonly worker: { readonly host: string; readonly pid: number } | null
  /** How many attempts have failed. */
  readonly attempts: number
  readonly maxAttempts: number
  /** Of a waiting run that has failed before: when it is tried again. */
  readonly nextTry: string | null
  readonly enqueuedAt: string
  readonly error: RunError | null
}

interface StoredJob {
  readonly run: number
  readonly state: JobState
  readonly command: string
  readonly sources: string[]
  readonly table: string
  readonly host: string | null
  readonly worker_host: string | null
  readonly worker_pid: number | null
  readonly attempts: number
  readonly max_attempts: number
  readonly next_try: Date
  readonly is_early: boolean
  readonly enqueued_at: Date
  readonly error: { code: string; message: string; hint?: string } | null
  readonly head: number | null
}

/** The runs that were enqueued: first those that wait, in the order in which they are done, then the others, the newest first. */
export async function jobs(options: JobsOptions = {}): Promise<Job[]> {
  requireKnownOptions('jobs', options)
  const { run, limit } = options
  if (run !== undefined) parseCount('run', run)
  if (limit !== undefined) parseCount('limit', limit)
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  const found = session && (await migrateIfThere(session)) ? await listJobs(session, run, limit) : []
  if (run !== undefined && found.length === 0) throw notFound(run)
  return found.map(toJob)
}

function listJobs(
  session: Session,
  run: number | undefined,
  limit: number | undefined,
): Promise<StoredJob[]> {
  const text = statement('queue/list_jobs', { state: jobState() })
  return session.rows<StoredJob>(text, [run ?? null, limit ?? null])
}

/**
 * Puts a run that has failed into the queue again; one that waits for its next try is tried at once.
 * @throws DasyError JOB_NOT_FOUND, RUN_ACTIVE, RUN_ENDED
 */
export async function retryJob(run: number, options: RetryOptions = {}): Promise<Job> {
  requireKnownOptions('retryJob', options)
  parseCount('run', run)
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  if (!database || !session || !(await migrateIfThere(session))) throw notFound(run)
  const [before] = await listJobs(session, run, undefined)
  if (!before) throw notFound(run)
  await prepareQueue(database, session)
  const values = [run, options.anyHost ?? false]
  const row = await session.row<{ queue: string }>(
    statement('queue/retry', { is_to_do: isToDo(), is_alive: isAlive() }),
    values,
  )
  if (!row) throw await whyNot(session, run)
  await schedule(session, row.queue)
  const [after] = await listJobs(session, run, undefined)
  return toJob(after as StoredJob)
}

async function whyNot(session: Session, run: number): Promise<DasyError> {
  const stored = await requireStored(session, run)
  return stored.state === 'ended' || isPlanned(stored) ? ended(run) : active(stored)
}

function notFound(run: number): DasyError {
  return new DasyError('JOB_NOT_FOUND', `run ${run} was not enqueued`, {
    hint: '"dasy jobs" lists those that were.',
    details: { run },
  })
}

function toJob(stored: StoredJob): Job {
  const { run, state, command, sources, table, host, attempts, enqueued_at, error } = stored
  const { worker_host, worker_pid, max_attempts, next_try } = stored
  const isTriedAgain = state === 'waiting' && attempts > 0
  return {
    run,
    state,
    command,
    source: sources.length === 1 ? (sources[0] as string) : sources,
    table,
    host,
    waitsFor: state === 'waiting' ? waitsFor(stored) : null,
    worker: worker_host === null ? null : { host: worker_host, pid: worker_pid as number },
    attempts,
    maxAttempts: max_attempts,
    nextTry: isTriedAgain ? next_try.toISOString() : null,
    enqueuedAt: enqueued_at.toISOString(),
    error: error && { code: error.code, message: error.message, hint: error.hint ?? null },
  }
}

function waitsFor({ run, head, host, is_early }: StoredJob): string {
  if (head !== null && head !== run) return `run ${head}`
  if (is_early) return 'next try'
  return host === null ? 'worker' : `host ${host}`
}
