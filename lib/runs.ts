import { Database } from './db/database.js'
import { isMigrated } from './db/migrations.js'
import { DasyError } from './errors.js'
import { findRun, listRuns, type RunRecord } from './ledger/history.js'
import type { DatabaseOptions } from './options.js'

/** What ran, newest first: all runs, or one. A database without the schema dasy has had none. */
export async function showRuns(
  options: DatabaseOptions,
  run: number | undefined,
  limit: number | undefined,
): Promise<RunRecord[]> {
  await using database = await Database.open(options)
  await using session = await database.session()
  const migrated = await isMigrated(session)
  if (run !== undefined) {
    if (!migrated)
      throw new DasyError('RUN_NOT_FOUND', `there is no run ${run}`, { hint: 'Nothing ran here yet.' })
    return [await findRun(session, run)]
  }
  return migrated ? await listRuns(session, null, limit ?? null) : []
}
