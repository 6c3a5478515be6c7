import type { Session } from './session.js'

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
// CLASS + 3: who writes an aggregate (sql/migrations/000003_aggregates.sql)

/** Marks a run as alive until it is unlocked or the session ends. @returns false if another session holds it */
export async function claimRun(session: Session, run: number): Promise<boolean> {
  const row = await session.row<{ claimed: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS claimed', [
    RUNS,
    run,
  ])
  return row?.claimed ?? false
}

export async function releaseRun(session: Session, run: number): Promise<void> {
  await session.run('SELECT pg_advisory_unlock($1, $2)', [RUNS, run])
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
