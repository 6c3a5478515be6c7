import { runChange } from '../changes/change-run.js'
import { undoTask } from '../changes/undo.js'
import { findUndoable, tableNow } from '../changes/undoable.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { UndoOptions } from '../contract/options.js'
import type { Receipt } from '../contract/receipt.js'
import { tuningSettings } from '../contract/settings.js'
import type { TableName } from '../contract/table-name.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { migrateIfThere } from '../db/migrations.js'
import { runNotFound } from '../ledger/stored-run.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase, whenNotBusy } from '../run/connection.js'
import { PhaseTimer } from '../run/phase-timer.js'

/**
 * Takes a completed run back, as a run of its own: deletes what it inserted, and restores what it changed or deleted.
 * @throws DasyError RUN_NOT_FOUND, UNDO_CONFLICTS, ALREADY_UNDONE, NO_HISTORY, HISTORY_LOST, TABLE_REPLACED, STILL_REFERENCED
 * and those of a load; the table is then unchanged
 */
export async function undo(run: number, options: UndoOptions = {}): Promise<Receipt> {
  requireKnownOptions('undo', options)
  // A text of digits is taken too, but is no number when runs are compared.
  const undoes = parseCount('run', run)
  const { skipConflicts = false, signal, onEvent, ...others } = options
  const events = new Events(onEvent)
  const timer = new PhaseTimer(options.ofProcess)
  events.subscribe(timer.onEvent)
  const tuning = tuningSettings(others)
  try {
    if (!(await Database.isThere(options))) throw runNotFound(undoes)
    await using database = await openDatabase(options, events)
    const retries = { retryMs: tuning.retryMs, signal, note: events.note }
    const table = await whenNotBusy(() => tableOf(database, undoes, signal), retries)
    const task = undoTask({ undoes, skipConflicts }, table, tuning)
    return await runChange(task, { database, signal, events, timer })
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

/** The table that the run has changed. */
async function tableOf(database: Database, run: number, signal: AbortSignal | undefined): Promise<TableName> {
  await using session = await database.session('dasy', signal)
  if (!(await migrateIfThere(session))) throw runNotFound(run)
  return tableNow(await session.transaction(() => findUndoable(session, run)))
}
