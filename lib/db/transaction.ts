import { DasyError } from '../base/errors.js'
import { sqlState } from './failures.js'
import type { Session } from './session.js'

/**
 * The one place where a transaction begins. Each says what it is: what role, database or server set for those that do
 * not is nobody's business here.
 */

/**
 * Each statement sees what was committed before it: under a lock that is what the lock protects. In an older snapshot a
 * decision would be taken by what was there before somebody else had the lock.
 */
const WRITING = 'BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE'

/** All statements see the same. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE'

/** On a standby there are no transactions that write. */
const NOT_SUPPORTED = '0A000'

/** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  await session.run(WRITING).catch((error) => {
    throw sqlState(error) === NOT_SUPPORTED ? onStandby(error) : error
  })
  let result: Result
  try {
    result = await work()
  } catch (error) {
    // A failed clean-up must not hide the real error.
    await session.run('ROLLBACK').catch(() => {})
    throw error
  }
  if (await session.commit()) return result
  throw new DasyError('DATABASE_ERROR', 'PostgreSQL has rolled the transaction back instead of committing it')
}

/** Begins a transaction that only reads, all of it from one moment; it ends when it is disposed of. */
export async function snapshot(session: Session): Promise<AsyncDisposable> {
  await session.run(SNAPSHOT)
  return {
    async [Symbol.asyncDispose]() {
      await session.run('ROLLBACK').catch(() => {})
    },
  }
}

/** Runs `work` within the transaction so that it leaves no trace there when it throws. */
export async function inSavepoint<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
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
  return new DasyError('READ_ONLY', 'the server is a standby: nothing can be written there', {
    hint: 'Connect to the primary.',
    details: { sqlState: NOT_SUPPORTED },
    cause,
  })
}
