import { DasyError, EXIT } from '../base/errors.js'
import { sqlState } from './failures.js'
import { number, sql, statement } from './sql.js'

/** Runs several statements, and returns the rows of each. */
interface Runner {
  results(text: string): Promise<Record<string, unknown>[][]>
}

interface Found {
  readonly backend: number
  readonly hasEventTriggers: boolean
}

const FORBIDDEN = '42501'
const CANCELLED = '57014'

const MAX_TRIES = 10

/**
 * Applies the settings of all of dasy's sessions (sql/db/session_settings.sql), but only on the expected backend; on another
 * one it changes nothing.
 * @param backend the process id of the expected backend
 * @param major the server's major version
 * @returns the process id of the backend that ran the statements, and whether statements may run code of a user's event triggers
 * @throws DasyError SESSION_UNSUITABLE
 */
export async function applySettings(runner: Runner, backend: number, major: number): Promise<Found> {
  const text = statement('db/session_settings', {
    backend: number(backend),
    no_transaction_timeout: major >= 17 ? sql`SET LOCAL transaction_timeout = 0;` : sql``,
  })
  const results = await runWithRetries(runner, text).catch((error) => {
    throw sqlState(error) === FORBIDDEN ? triggersOff(error) : error
  })
  return results.flat().find((row) => 'backend' in row) as unknown as Found
}

/** The role's own statement_timeout may be milliseconds, and cancel the statements that switch it off. */
async function runWithRetries(runner: Runner, text: string): Promise<Record<string, unknown>[][]> {
  for (let tries = 1; ; tries++) {
    try {
      return await runner.results(text)
    } catch (error) {
      if (sqlState(error) !== CANCELLED || tries === MAX_TRIES) throw error
      await runner.results('ROLLBACK').catch(() => {})
    }
  }
}

function triggersOff(cause: unknown): DasyError {
  return new DasyError(
    'SESSION_UNSUITABLE',
    'session_replication_role is "replica" for this role, which may not change it: triggers and foreign keys would not work',
    {
      hint: 'ALTER ROLE … RESET session_replication_role, or connect as another role.',
      exitStatus: EXIT.unreachable,
      cause,
    },
  )
}
