import type { Session } from './session.js'
import { type Fragment, number, part, query, statement } from './sql.js'

/**
 * Advisory locks, each identified by a class and a number. PostgreSQL releases them when the session (or, for some, the
 * transaction) ends, so a killed process blocks nobody.
 *
 * The first class is "dasy" in ASCII, the others are the next numbers.
 */
const SCHEMA = 1684108153
const RUNS = SCHEMA + 1
const TABLES = SCHEMA + 2
/** Of an aggregate: taken by the session that folds its appended rows (sql/aggregate/create_follow.sql). */
export const AGGREGATES = SCHEMA + 3
const STAGING = SCHEMA + 4
/** Of a table: taken to enqueue a load into it. */
const QUEUES = SCHEMA + 5
/** Of a process that takes loads from the queue. */
const QUEUE_WORKERS = SCHEMA + 6

/** Of a dataset: taken to claim a file of it. */
const DATASETS = SCHEMA + 7

// SCHEMA + 8, of a table: taken by triggers to append what is told to webhooks (sql/migrations/000009_webhooks.sql).
/** Of a webhook and a table: taken to send to it. */
const SENDERS = SCHEMA + 9

/** Numbers in the class SCHEMA. */
const MIGRATIONS = 0
const IN_USE = 1
const QUEUE_SCHEMA = 2

/** How long a session may take to end. */
const SESSION_END_MS = 5000
const POLL_SECONDS = 0.05

/** Until the end of the transaction, no other session changes the schema dasy. */
export async function lockMigrations(session: Session): Promise<void> {
  await session.run(query`SELECT pg_advisory_xact_lock($1, $2)`, [SCHEMA, MIGRATIONS])
}

/** Marks a run as alive until the lock is released or the session ends. @returns false if another session has the lock */
export async function claimRun(session: Session, run: number): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>(query`SELECT pg_try_advisory_lock($1, $2) AS claimed`, [
    RUNS,
    run,
  ])
  return row?.claimed ?? false
}

/** In SQL: the class of the locks of runs. */
export const RUN_LOCKS: Fragment = number(RUNS)

/** Like `claimRun`, but waits for a session that may be about to end. */
export async function awaitRun(session: Session, run: number, milliseconds: number): Promise<boolean> {
  return poll(session, milliseconds, () => claimRun(session, run))
}

/** Like `claimRun`, but ends an earlier session of this process, whose backend may not have noticed the lost connection. */
export async function reclaimRun(session: Session, run: number, backend: number): Promise<boolean> {
  return poll(session, SESSION_END_MS, async () => {
    if (await claimRun(session, run)) return true
    await session.run(statement('db/end_sessions'), [RUNS, run, backend])
    return false
  })
}

export async function releaseRun(session: Session, run: number): Promise<void> {
  await session.run(query`SELECT pg_advisory_unlock($1, $2)`, [RUNS, run])
}

/** Marks a session as one that writes to the staging of a run. */
export async function joinRun(session: Session, run: number): Promise<void> {
  await session.run(query`SELECT pg_advisory_lock_shared($1, $2)`, [STAGING, run])
}

/**
 * Ends the sessions of an earlier attempt that still write to the staging of a run and may have its tables locked. The
 * caller has claimed the run.
 * @returns false if some have not ended in time; they can no longer write to the ledger
 */
export async function endStagingSessions(session: Session, run: number): Promise<boolean> {
  return poll(
    session,
    SESSION_END_MS,
    async () => (await session.run(statement('db/end_sessions'), [STAGING, run, null])) === 0,
  )
}

/** Until the session ends, the schema dasy is not removed. Waits for a removal that has begun. */
export async function useSchema(session: Session): Promise<void> {
  await session.run(query`SELECT pg_advisory_lock_shared($1, $2)`, [SCHEMA, IN_USE])
}

/** Until the end of the transaction, no other session uses the schema dasy. @returns false if one does */
export async function claimSchema(session: Session): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>(
    query`SELECT pg_try_advisory_xact_lock($1, $2) AS claimed`,
    [SCHEMA, IN_USE],
  )
  return row?.claimed ?? false
}

/**
 * Until the end of the transaction, no other session of dasy creates, loads or drops a table of this name. The table need
 * not exist.
 */
export async function lockTableName(
  session: Session,
  { schema, name }: { schema?: string | undefined; name: string },
): Promise<void> {
  const text = query`SELECT pg_advisory_xact_lock($1, hashtext(concat_ws('.', coalesce($2::text, current_schema()), $3::text)))`
  await session.run(text, [TABLES, schema ?? null, name])
}

/** Until the end of the transaction, no other session enqueues a load into this table: so runs are committed in their order. */
export async function lockQueue(session: Session, queue: string): Promise<void> {
  await session.run(query`SELECT pg_advisory_xact_lock($1, hashtext($2))`, [QUEUES, queue])
}

/** Until the end of the transaction, no other session claims a file of this dataset. */
export async function lockDataset(session: Session, dataset: string): Promise<void> {
  await session.run(query`SELECT pg_advisory_xact_lock($1, hashtext($2))`, [DATASETS, dataset])
}

/** While `work` runs, no other session makes or changes the schema dasy_queue. */
export async function whileQueueSchemaIsLocked(session: Session, work: () => Promise<void>): Promise<void> {
  await session.run(query`SELECT pg_advisory_lock($1, $2)`, [SCHEMA, QUEUE_SCHEMA])
  try {
    await work()
  } finally {
    await session.run(query`SELECT pg_advisory_unlock($1, $2)`, [SCHEMA, QUEUE_SCHEMA])
  }
}

/** Marks a worker of the queue as alive until the session ends. */
export async function holdWorker(session: Session, worker: string): Promise<void> {
  await session.run(query`SELECT pg_advisory_lock($1, hashtext($2))`, [QUEUE_WORKERS, worker])
}

/** A condition in SQL: whether the worker of the queue that this expression names is alive. */
export function isWorkerAlive(worker: Fragment): Fragment {
  return part('db/is_worker_alive', { worker_locks: number(QUEUE_WORKERS), worker })
}

/** Claims a run, and ends the session that works at it, wherever its process is. @returns false if it does not end in time */
export async function takeAwayRun(session: Session, run: number): Promise<boolean> {
  return poll(session, SESSION_END_MS, async () => {
    if (await claimRun(session, run)) return true
    await session.run(statement('db/end_sessions'), [RUNS, run, null])
    return false
  })
}

/** A condition in SQL: whether the run `r` is alive. */
export function isAlive(): Fragment {
  return part('db/is_run_alive', { run_locks: RUN_LOCKS })
}

/** Calls `done` until it returns true. @returns false if it has not in time */
async function poll(session: Session, milliseconds: number, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + milliseconds
  while (!(await done())) {
    if (performance.now() >= deadline) return false
    // Sleeps in the server, so that it can be cancelled like any statement.
    await session.run(query`SELECT pg_sleep($1)`, [POLL_SECONDS])
  }
  return true
}

/** Until the session ends, no other one sends the messages of this queue. @returns false if another one does */
export async function claimSending(session: Session, queue: string): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>(
    query`SELECT pg_try_advisory_lock($1, hashtext($2)) AS claimed`,
    [SENDERS, queue],
  )
  return row?.claimed ?? false
}
