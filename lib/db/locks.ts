import type { Session } from './session.js'
import { statement } from './sql.js'

/**
 * Advisory locks, each a class and a number. They belong to a session, so one that is abandoned goes with its
 * connection and can block nobody for ever.
 *
 * The classes are "dasy" in ASCII and its neighbours; (class 0, number 0) serialises migrations
 * (sql/catalog/lock_migrations.sql).
 */
const CLASS = 1684108153
const RUNS = CLASS + 1
const TABLES = CLASS + 2
// CLASS + 3: who folds what an aggregate has appended (sql/aggregate/create_follow.sql)
const STAGERS = CLASS + 4

/** In class 0: held by all who work in the schema dasy, against its removal. */
const SCHEMA_IN_USE = 1

/** How long a session may take to end. */
const DEPARTURE_MS = 5000
const POLL_SECONDS = 0.05

/** Marks a run as alive until it is unlocked or the session ends. @returns false if another session holds it */
export async function claimRun(session: Session, run: number): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS claimed', [
    RUNS,
    run,
  ])
  return row?.claimed ?? false
}

/** The same, but waits a while for a holder who may be about to go. */
export async function awaitRun(session: Session, run: number, milliseconds: number): Promise<boolean> {
  return within(session, milliseconds, () => claimRun(session, run))
}

/** The same against the backend of an earlier session of ours, which may not know yet that it has lost us. */
export async function reclaimRun(session: Session, run: number, backend: number): Promise<boolean> {
  return within(session, DEPARTURE_MS, async () => {
    if (await claimRun(session, run)) return true
    await session.run(statement('ledger/end_sessions'), [RUNS, run, backend])
    return false
  })
}

export async function releaseRun(session: Session, run: number): Promise<void> {
  await session.run('SELECT pg_advisory_unlock($1, $2)', [RUNS, run])
}

/** Marks a session as one that writes to a run's staging. */
export async function joinRun(session: Session, run: number): Promise<void> {
  await session.run('SELECT pg_advisory_lock_shared($1, $2)', [STAGERS, run])
}

/**
 * Ends the sessions of an earlier attempt at a run that write to its staging yet, and might hold its tables. Only for
 * who holds the run.
 * @returns false if some are still there; they can record nothing any more
 */
export async function expelStagers(session: Session, run: number): Promise<boolean> {
  return within(
    session,
    DEPARTURE_MS,
    async () => (await session.run(statement('ledger/end_sessions'), [STAGERS, run, null])) === 0,
  )
}

/** Keeps the schema dasy from being removed, for as long as the session lasts. Waits for a removal under way. */
export async function useSchema(session: Session): Promise<void> {
  await session.run('SELECT pg_advisory_lock_shared($1, $2)', [CLASS, SCHEMA_IN_USE])
}

/** Until the end of the transaction nobody works in the schema dasy. @returns false if somebody does */
export async function claimSchema(session: Session): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>('SELECT pg_try_advisory_xact_lock($1, $2) AS claimed', [
    CLASS,
    SCHEMA_IN_USE,
  ])
  return row?.claimed ?? false
}

/**
 * Until the end of the transaction: one at a time makes, fills or removes the table of this name, whether it is there
 * or not.
 */
export async function lockTableName(
  session: Session,
  { schema, name }: { schema?: string | undefined; name: string },
): Promise<void> {
  const text =
    "SELECT pg_advisory_xact_lock($1, hashtext(concat_ws('.', coalesce($2::text, current_schema()), $3::text)))"
  await session.run(text, [TABLES, schema ?? null, name])
}

export const RUN_LOCK_CLASS = RUNS

async function within(
  session: Session,
  milliseconds: number,
  done: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds
  while (!(await done())) {
    if (performance.now() >= deadline) return false
    // Asleep in the server, where it can be cancelled.
    await session.run('SELECT pg_sleep($1)', [POLL_SECONDS])
  }
  return true
}
