import type { Rows } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { literal, statement } from '../db/sql.js'
import { type ChangeSet, findSet } from '../history/change-set.js'
import { findRun } from '../ledger/history.js'
import { losersTable, stagingTable } from '../ledger/staging.js'
import { planLost } from './stale.js'

/** A plan as it was stored. */
export interface StoredPlan {
  readonly set: ChangeSet
  readonly rows: Rows
}

/**
 * The plan of a run, with its records in staging.
 * @throws DasyError PLAN_LOST
 */
export async function storedPlan({
  session,
  run,
}: {
  readonly session: Session
  readonly run: number
}): Promise<StoredPlan> {
  const set = await findSet(session, run)
  const rows = (await findRun(session, run)).rows as Rows | null
  if (!set || !rows || !(await isStaged(session, run, rows))) throw planLost(run)
  return { set, rows }
}

async function isStaged(session: Session, run: number, { read, duplicates }: Rows): Promise<boolean> {
  const text = statement('plan/is_staged', {
    staging: literal(stagingTable(run).sql),
    losers: literal(losersTable(run).sql),
  })
  const row = await session.row<{ staged: boolean }>(text, [run, read, duplicates > 0])
  return row?.staged ?? false
}

/** Whether everything that a planned run has staged is still there. */
export async function isWhole(session: Session, run: number): Promise<boolean> {
  const rows = (await findRun(session, run)).rows as Rows | null
  return rows !== null && (await isStaged(session, run, { ...rows, duplicates: 0 }))
}
