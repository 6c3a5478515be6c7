import type { TestDatabase } from './database.js'

/** A reject as the ledger keeps it. */
export interface LedgerReject {
  readonly line: number
  readonly byte: number
  readonly reason: string
  readonly record: Buffer
  readonly staged: boolean
  readonly complete: boolean
}

/** The rejects of the newest run, in the order of the file. */
export function newestRejects(db: TestDatabase): Promise<LedgerReject[]> {
  return db.rows<LedgerReject>(
    `SELECT line, byte, reason, record, staged, complete FROM dasy.rejects
      WHERE run = (SELECT max(run) FROM dasy.runs) ORDER BY byte`,
  )
}
