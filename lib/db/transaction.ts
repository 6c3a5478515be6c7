import { DasyError } from '../base/errors.js'
import { sqlState } from './failures.js'

/**
 * The only module that begins transactions. Each states its isolation level and access mode, so that defaults of the role,
 * the database or the server have no effect.
 */

/** The part of a session that a transaction needs. */
interface Runner {
  run(text: string): Promise<number>
  commit(): Promise<boolean>
}

/**
 * READ COMMITTED, so that a statement after a lock sees everything that was committed before the lock was granted. An older
 * snapshot would show the state before another session had the lock.
 */
const WRITE = 'BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE'

/** REPEATABLE READ, so that all statements see the same state. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE'

/** For what is computed from a table that others write to, and stored in the schema dasy. */
const CONSISTENT = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE, NOT DEFERRABLE'

/** The SQLSTATE of a standby, which has no writing transactions. */
const NOT_SUPPORTED = '0A000'

/**
 * Runs `work` in a transaction: committed when it returns, rolled back when it throws.
 * @param settings statements of SET LOCAL, sent in one message with BEGIN
 */
export async function inTransaction<Result>(
  session: Runner,
  work: () => Promise<Result>,
  settings?: string,
  begin = WRITE,
): Promise<Result> {
  let result: Result
  try {
    await session.run(settings === undefined ? begin : `${begin}; ${settings}`).catch((error) => {
      throw sqlState(error) === NOT_SUPPORTED ? onStandby(error) : error
    })
    result = await work()
  } catch (error) {
    // A failed ROLLBACK must not hide the error.
    await session.run('ROLLBACK').catch(() => {})
    throw error
  }
  if (await session.commit()) return result
  throw new DasyError('DATABASE_ERROR', 'PostgreSQL rolled the transaction back instead of committing it')
}

/** Like `inTransaction`, but all statements see the same state of the tables that others write to. */
export function inConsistentTransaction<Result>(
  session: Runner,
  work: () => Promise<Result>,
): Promise<Result> {
  return inTransaction(session, work, undefined, CONSISTENT)
}

/** Begins a read-only transaction with one snapshot. Disposing of the result ends it. */
export async function snapshot(session: Runner): Promise<AsyncDisposable> {
  await session.run(SNAPSHOT)
  return {
    async [Symbol.asyncDispose]() {
      await session.run('ROLLBACK').catch(() => {})
    },
  }
}

/** Runs `work` within a transaction; if it throws, its changes are rolled back, but not those before it. */
export async function inSavepoint<Result>(session: Runner, work: () => Promise<Result>): Promise<Result> {
  await session.run('SAVEPOINT dasy')
  let result: Result
  try {
    result = await work()
  } catch (error) {
    await session.run('ROLLBACK TO SAVEPOINT dasy; RELEASE SAVEPOINT dasy').catch(() => {})
    throw error
  }
  await session.run('RELEASE SAVEPOINT dasy')
  return result
}

function onStandby(cause: unknown): DasyError {
  return new DasyError('READ_ONLY', 'the server is a standby, which cannot be written to', {
    hint: 'Connect to the primary.',
    details: { sqlState: NOT_SUPPORTED },
    cause,
  })
}
