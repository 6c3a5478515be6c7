import type {
  AggregateReceipt,
  KnownReceipt,
  KnownRows,
  Receipt,
  Rows,
  RunError,
  RunStatus,
  Seconds,
} from '../contract/receipt.js'
import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { type Fragment, part, statement } from '../db/sql.js'
import { discardLeftovers } from './clean-up.js'
import { isQueued } from './jobs.js'
import type { StoredError } from './run-facts.js'
import { runNotFound } from './stored-run.js'

/** A run as the ledger records it, for `dasy runs`. */
export interface RunRecord {
  readonly run: number
  readonly command: string
  readonly status: RunStatus
  readonly source: string | string[] | null
  readonly table: string
  readonly key: string[]
  readonly bytes: number | null
  readonly workers: number
  readonly rows: Partial<Rows> | null
  readonly aggregates: AggregateReceipt[] | null
  readonly seconds: Seconds | null
  readonly doubts: readonly string[]
  readonly state: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly staged_bytes: number | null
  readonly staged_records: number | null
  /** The number of its rejects in the ledger. */
  readonly rejects: number
  readonly error: StoredError | null
}

/** Which runs to list; all that is not given. */
export interface RunSelection {
  readonly run?: number | undefined
  /** At most so many. */
  readonly limit?: number | undefined
  /** Only those with a smaller number. */
  readonly before?: number | undefined
  /** The name of the table as it was given. */
  readonly table?: string | undefined
  readonly status?: RunStatus | undefined
  /** Whether those that write single rows are listed too. */
  readonly rows?: boolean | undefined
}

/** Lists runs, the newest first. */
export async function listRuns(session: Session, selection: RunSelection = {}): Promise<RunRecord[]> {
  const { run, limit, before, table, status, rows } = selection
  const values = [run, limit, before, table, status, rows].map((value) => value ?? null)
  return await session.rows<RunRecord>(statement('ledger/list_runs', { status: statusOfRun() }), values)
}

/** In SQL: the status of the run `r`. */
export function statusOfRun(): Fragment {
  return part('ledger/run_status', { is_alive: isAlive(), is_queued: isQueued() })
}

/** @throws DasyError RUN_NOT_FOUND */
export async function findRun(session: Session, run: number): Promise<RunRecord> {
  const [found] = await listRuns(session, { run })
  if (found) return found
  throw runNotFound(run)
}

/** Estimates the seconds that merging so many records takes, aggregates included, from earlier runs of a similar size. */
export async function expectedSeconds(
  session: Session,
  target: string,
  records: number,
): Promise<number | undefined> {
  const row = await session.row<{ seconds: number | null }>(statement('ledger/expected_seconds'), [
    target,
    records,
  ])
  return row?.seconds ?? undefined
}

/**
 * The receipt of a run: it has every field, and unknown ones are null. That of a completed run is as it was printed; any other
 * has the error of the run.
 */
export function receiptOf(record: RunRecord): KnownReceipt {
  const { run, command, status, source, table, key, bytes, workers, aggregates, seconds, doubts } = record
  const rows = rowsOf(record)
  return {
    run,
    command,
    status,
    source,
    table,
    key,
    bytes,
    workers,
    rows: rows && { ...UNKNOWN_ROWS, ...rows },
    aggregates,
    seconds: seconds && { ...NO_SECONDS, ...seconds },
    doubts,
    ...(status !== 'completed' && { error: errorOf(record) }),
  }
}

/** The counts of a run. For one that is running or was killed, those of its staged records. */
export function rowsOf({ rows, status, staged_records, rejects }: RunRecord): Partial<Rows> | null {
  if (rows || status === 'completed' || staged_records === null) return rows
  return { read: staged_records, rejected: rejects }
}

/** Why a run stopped; null if it has not. (A process that is killed cannot record why.) */
export function errorOf({ run, status, state, error }: RunRecord): RunError | null {
  if (error) return { code: error.code, message: error.message, hint: error.hint ?? null }
  if (status !== 'interrupted') return null
  const hint = state === 'ended' ? null : `Resume it: dasy resume ${run}`
  return { code: 'INTERRUPTED', message: 'its process ended without recording an error', hint }
}

// Objects that fix the order of the fields, because jsonb does not keep it.
const UNKNOWN_ROWS: KnownRows = {
  read: null,
  rejected: null,
  duplicates: null,
  inserted: null,
  updated: null,
  unchanged: null,
  skipped: null,
  deleted: null,
}
const NO_SECONDS: Seconds = { total: 0, start: 0, plan: 0, copy: 0, merge: 0, aggregate: 0 }

/** The receipt of a completed run, from the ledger. Removes the staging that this or another ended run may have left. */
export async function completedReceipt(session: Session, run: number): Promise<Receipt> {
  const receipt = receiptOf(await findRun(session, run)) as Receipt
  await discardLeftovers(session)
  return receipt
}
