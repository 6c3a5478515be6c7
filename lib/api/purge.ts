import { runChange } from '../changes/change-run.js'
import { purgeTask } from '../changes/purge.js'
import { requireOneExpression } from '../contract/condition.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { PurgeOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { tuningSettings } from '../contract/settings.js'
import { parseTableName } from '../contract/table-name.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase } from '../run/connection.js'
import { PhaseTimer } from '../run/phase-timer.js'

/**
 * Deletes rows of a table in one transaction, as a run that can be undone: all of them, or those for which `where` is true.
 * @throws DasyError TABLE_NOT_FOUND, NO_KEY, STILL_REFERENCED, BAD_OPTION and those of a load; the table is then unchanged
 */
export async function purge(table: string, options: PurgeOptions = {}): Promise<Receipt> {
  requireKnownOptions('purge', options)
  const { where, signal, onEvent } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  const name = parseTableName(table, 'TABLE')
  const tuning = tuningSettings(options)
  if (where !== undefined) requireOneExpression('--where', where)
  try {
    await using database = await openDatabase(options, events)
    return await runChange(purgeTask({ table: name, where }, tuning), { database, signal, events, timer })
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}
