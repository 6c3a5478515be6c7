import { ownHost } from '../base/host.js'
import type { Rows, Seconds } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'

/** The command of runs that write single rows. They begin and end in the transaction that writes, so they cannot stop half-way. */
export const ROW = 'row'

/** @returns the number of the run */
export async function beginRowRun(session: Session, target: string, key: readonly string[]): Promise<number> {
  const values = [target, key, ownHost(), process.pid]
  const row = await session.row<{ run: number }>(statement('ledger/begin_row_run'), values)
  return (row as { run: number }).run
}

export async function endRowRun(session: Session, run: number, rows: Rows, seconds: Seconds): Promise<void> {
  await session.run(statement('ledger/end_row_run'), [run, JSON.stringify(rows), JSON.stringify(seconds)])
}
