import { DasyError, EXIT } from '../errors.js'
import { sqlState } from './failures.js'
import { fromCatalog, sql, statement } from './sql.js'

/** Whoever runs several statements at a time. */
interface Runner {
  results(text: string): Promise<Record<string, unknown>[][]>
}

const FORBIDDEN = '42501'

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
  const results = await runner.results(text).catch((error) => {
    throw sqlState(error) === FORBIDDEN ? triggersOff(error) : error
  })
  const found = results.flat().find((row) => 'backend' in row) as { backend: number }
  return found.backend
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
