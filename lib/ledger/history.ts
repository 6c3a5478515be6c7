import { RUN_LOCK_CLASS } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import type { AggregateReceipt, Rows, RunStatus, Seconds } from '../receipt.js'

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
  throw new DasyError('RUN_NOT_FOUND', `there is no run ${run}`, { hint: '"dasy runs" lists them.' })
}
