import { Database } from './db/database.js'
import { migrateIfThere } from './db/migrations.js'
import type { Session } from './db/session.js'
import { giveUp } from './ledger/clean-up.js'
import { findRun, listRuns, type RunRecord, receiptOf } from './ledger/history.js'
import { forgetStaged, requireStored } from './ledger/run-ledger.js'
import { listUnfinished, runNotFound, type StoredRun } from './ledger/stored-run.js'
import type { DatabaseOptions } from './options.js'
import type { Receipt } from './receipt.js'

/** What ran, newest first: all runs, or one. A database without the schema dasy has had none. */
export async function showRuns(
  options: DatabaseOptions,
  run: number | undefined,
  limit: number | undefined,
): Promise<RunRecord[]> {
  await using database = await Database.open(options)
  await using session = await database.session()
  const migrated = await migrateIfThere(session)
  if (run !== undefined) {
    if (!migrated) throw runNotFound(run)
    return [await findRun(session, run)]
  }
  return migrated ? await listRuns(session, null, limit ?? null) : []
}

/** The receipt of a run that is complete, as the ledger has it. What it may have left is removed. */
export async function completedReceipt(session: Session, run: number): Promise<Receipt> {
  const receipt = receiptOf(await findRun(session, run)) as Receipt
  await forgetStaged(session, run)
  return receipt
}

/** What `runs clean` did. */
export interface CleanResult {
  readonly runs: number[]
  /** That their staging took in the database. */
  readonly bytes: number
}

/**
 * Gives up the runs that stopped, and removes what they staged; their history and their rejects stay.
 * @param olderThanMs only those that stopped so long ago
 */
export async function cleanRuns(options: DatabaseOptions, olderThanMs = 0): Promise<CleanResult> {
  await using database = await Database.open(options)
  await using session = await database.session()
  if (!(await migrateIfThere(session))) return { runs: [], bytes: 0 }
  const isOld = (at: Date): boolean => olderThanMs === 0 || at.getTime() <= Date.now() - olderThanMs
  const old = (await listUnfinished(session)).filter(({ active, touched_at }) => !active && isOld(touched_at))
  const { done, failures } = await giveUp(session, old)
  if (failures.length > 0 && done.length === 0) throw failures[0]
  const bytes = done.reduce((sum, { staging_bytes }) => sum + (staging_bytes ?? 0), 0)
  const stopped = done.filter(({ state }) => state !== 'ended')
  return { runs: stopped.map(({ run }) => run), bytes }
}

/**
 * A run, in a database that may have had none.
 * @throws DasyError RUN_NOT_FOUND
 */
export async function requireRun(session: Session, run: number): Promise<StoredRun> {
  if (!(await migrateIfThere(session))) throw runNotFound(run)
  return await requireStored(session, run)
}

/** The same for programs: receipts, as far as they are known. */
export { receiptOf } from './ledger/history.js'
