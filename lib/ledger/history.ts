import { RUN_LOCK_CLASS } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { AggregateReceipt, KnownReceipt, KnownRows, Rows, RunStatus, Seconds } from '../receipt.js'
import { runNotFound } from './stored-run.js'

/** A run as `dasy runs` shows it. */
export interface RunRecord {
  readonly run: number
  readonly command: string
  readonly status: RunStatus
  readonly source: string | string[]
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
  readonly error: { code: string; message: string; hint?: string } | null
}

/** Newest first. */
export async function listRuns(
  session: Session,
  run: number | null,
  limit: number | null,
): Promise<RunRecord[]> {
  return session.rows<RunRecord>(statement('ledger/list_runs'), [RUN_LOCK_CLASS, run, limit])
}

/** @throws DasyError RUN_NOT_FOUND */
export async function findRun(session: Session, run: number): Promise<RunRecord> {
  const [found] = await listRuns(session, run, 1)
  if (found) return found
  throw runNotFound(run)
}

/** A run as a receipt with every field, null if unknown. */
export function receiptOf(record: RunRecord): KnownReceipt {
  const { run, command, status, source, table, key, bytes, workers, rows, aggregates, seconds, doubts } =
    record
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
  }
}

// jsonb does not keep the order of keys.
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
const NO_SECONDS: Seconds = { total: 0, plan: 0, copy: 0, merge: 0, aggregate: 0 }
