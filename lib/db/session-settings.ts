import { DasyError, EXIT } from '../base/errors.js'
import { sqlState } from './failures.js'
import { fromCatalog, sql, statement } from './sql.js'

/** Whoever runs several statements at a time. */
interface Runner {
  results(text: string): Promise<Record<string, unknown>[][]>
}

const FORBIDDEN = '42501'
const CANCELLED = '57014'

const MOST_TRIES = 10

/**
 * Sets what each session of dasy sets (sql/session/settings.sql), if it has the backend that is named; else it leaves
 * everything as it is.
 * @param major the server's version
 * @returns the backend that it has
 */
export async function applySettings(runner: Runner, backend: number, major: number): Promise<number> {
  const text = statement('session/settings', {
    backend: fromCatalog(`${backend}`),
    no_transaction_timeout: major >= 17 ? sql`SET LOCAL transaction_timeout = 0;` : sql``,
  })
  const results = await patiently(runner, text).catch((error) => {
    throw sqlState(error) === FORBIDDEN ? triggersOff(error) : error
  })
  const found = results.flat().find((row) => 'backend' in row) as { backend: number }
  return found.backend
}

/** A timeout of milliseconds may strike before it is switched off. */
async function patiently(runner: Runner, text: string): Promise<Record<string, unknown>[][]> {
  for (let tries = 1; ; tries++) {
    try {
      return await runner.results(text)
    } catch (error) {
      if (sqlState(error) !== CANCELLED || tries === MOST_TRIES) throw error
      await runner.results('ROLLBACK').catch(() => {})
    }
  }
}

function triggersOff(cause: unknown): DasyError {
  return new DasyError(
    'SESSION_UNSUITABLE',
    'session_replication_role is set to "replica" for this role, who may not change it: neither triggers nor foreign keys would work',
    {
      hint: 'ALTER ROLE … RESET session_replication_role, or connect as another role.',
      exitStatus: EXIT.unreachable,
      cause,
    },
  )
}
