import { setTimeout as sleep } from 'node:timers/promises'
import { DasyError } from '../base/errors.js'
import type { UndoConflict } from '../contract/change.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { CleanOptions, DatabaseOptions, RunsOptions } from '../contract/options.js'
import type { KnownReceipt } from '../contract/receipt.js'
import { parseAge, parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { migrateIfThere } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { forgetPlan, listOld, pruneHistory, sizeOfSets } from '../history/prune.js'
import { discardRun } from '../ledger/clean-up.js'
import { findRun, listRuns, type RunRecord, type RunSelection, receiptOf } from '../ledger/history.js'
import { waiting } from '../ledger/run-claim.js'
import { requireStored } from '../ledger/run-ledger.js'
import { listUnfinished, runNotFound, type StoredRun } from '../ledger/stored-run.js'

/**
 * The receipts of all runs, the newest first; null for counts that are not known. Without the schema dasy there are none.
 * @throws DasyError RUN_NOT_FOUND for the run that is named
 */
export async function runs(options: RunsOptions = {}): Promise<KnownReceipt[]> {
  requireKnownOptions('runs', options)
  const { databaseUrl, onEvent, ...selection } = options
  const { run, limit, before } = selection
  for (const [name, value] of Object.entries({ run, limit, before }))
    if (value !== undefined) parseCount(name, value)
  await using database = await Database.openIfThere(options)
  if (!database) return nothing(run).map(receiptOf)
  await using session = await database.session()
  return await runsIn(session, selection)
}

/** The same in a session that is open. */
export async function runsIn(session: Session, selection: RunSelection): Promise<KnownReceipt[]> {
  return (await recordsOf(session, selection)).map(receiptOf)
}

/** A receipt, and more that a page shows of a run. */
export interface TimedReceipt extends KnownReceipt {
  /** As ISO 8601 has it. */
  readonly startedAt: string
  readonly endedAt: string | null
  /** Only of an undo that has some. */
  readonly conflicts?: readonly UndoConflict[]
}

/** The same with their times. */
export async function timedRunsIn(session: Session, selection: RunSelection): Promise<TimedReceipt[]> {
  return (await recordsOf(session, selection)).map((record) => ({
    ...receiptOf(record),
    startedAt: record.started_at.toISOString(),
    endedAt: record.ended_at?.toISOString() ?? null,
    ...(record.error?.conflicts && { conflicts: record.error.conflicts }),
  }))
}

type Listing = DatabaseOptions & Pick<RunsOptions, 'rows'>

/** The runs with everything that `dasy runs` shows. */
export async function showRuns(
  options: Listing,
  run: number | undefined,
  limit: number | undefined,
): Promise<RunRecord[]> {
  await using database = await Database.openIfThere(options)
  if (!database) return nothing(run)
  await using session = await database.session()
  return await recordsOf(session, { run, limit, rows: options.rows })
}

/** The runs at each interval, until the signal is aborted or the run that is named has stopped. */
export async function* watchRuns(
  options: Listing,
  run: number | undefined,
  limit: number | undefined,
  { signal, intervalMs }: { signal: AbortSignal; intervalMs: number },
): AsyncGenerator<RunRecord[]> {
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  while (!signal.aborted) {
    const records = session ? await recordsOf(session, { run, limit, rows: options.rows }) : nothing(run)
    yield records
    if (run !== undefined && !['queued', 'running'].includes(records[0]?.status ?? '')) return
    await sleep(intervalMs, undefined, { signal }).catch(() => {})
  }
}

async function recordsOf(session: Session, selection: RunSelection): Promise<RunRecord[]> {
  const { run } = selection
  if (!(await migrateIfThere(session))) return nothing(run)
  return run === undefined ? await listRuns(session, selection) : [await findRun(session, run)]
}

/** The runs of a database that has had none. @throws DasyError RUN_NOT_FOUND */
function nothing(run: number | undefined): RunRecord[] {
  if (run !== undefined) throw runNotFound(run)
  return []
}

/** What `clean` did, or would do. */
export interface CleanResult {
  readonly runs: number[]
  /** The size that their staging had in the database, or with `history` their changes. */
  readonly bytes: number
}

/**
 * Discards the runs that stopped, and removes what they staged; their history and their rejects stay.
 * @throws DasyError RUN_NOT_FOUND, RUN_ACTIVE for the run that is named
 */
export async function clean(options: CleanOptions = {}): Promise<CleanResult> {
  requireKnownOptions('clean', options)
  const { run, olderThan = 0, dryRun } = options
  if (run !== undefined) parseCount('run', run)
  const olderThanMs = 1000 * parseAge('--older-than', olderThan)
  await using database = await Database.openIfThere(options)
  await using session = await database?.session()
  if (!session || !(await migrateIfThere(session))) {
    if (run !== undefined) throw runNotFound(run)
    return { runs: [], bytes: 0 }
  }
  if (run !== undefined) refuseActive(await requireStored(session, run))
  if (options.history) return await cleanHistory(session, olderThanMs / 1000, options)
  const isOld = (at: Date): boolean => olderThanMs === 0 || at.getTime() <= Date.now() - olderThanMs
  const old = (await listUnfinished(session)).filter(
    (each) => !each.active && isOld(each.touched_at) && (run === undefined || each.run === run),
  )
  const { done, failures } = dryRun
    ? { done: old, failures: [] }
    : await discardRun(session, old, ({ run }) => forgetPlan(session, run))
  if (failures.length > 0 && done.length === 0) throw failures[0]
  const bytes = done.reduce((sum, { staging_bytes }) => sum + (staging_bytes ?? 0), 0)
  const stopped = done.filter(({ state }) => state !== 'ended')
  return { runs: stopped.map((each) => each.run), bytes }
}

async function cleanHistory(
  session: Session,
  seconds: number,
  { run, dryRun }: CleanOptions,
): Promise<CleanResult> {
  const old = await listOld(session, seconds, run)
  const bytes = await sizeOfSets(session, old)
  const { runs: done, failures } = dryRun
    ? { runs: old.map((set) => set.run), failures: [] }
    : await pruneHistory(session, old)
  if (failures.length > 0 && done.length === 0) throw failures[0]
  return { runs: [...done], bytes }
}

function refuseActive(stored: StoredRun): void {
  const { run, active, queued } = stored
  if (queued) throw waiting(stored)
  if (!active) return
  throw new DasyError('RUN_ACTIVE', `run ${run} is running; nothing was discarded`, {
    hint: 'Wait until it has ended, or stop it.',
    details: { run },
  })
}

/**
 * A stored run; the schema dasy may be missing.
 * @throws DasyError RUN_NOT_FOUND
 */
export async function requireRun(session: Session, run: number): Promise<StoredRun> {
  if (!(await migrateIfThere(session))) throw runNotFound(run)
  return await requireStored(session, run)
}
