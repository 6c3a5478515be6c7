import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'

/** A record that cannot be loaded, as the ledger keeps it. */
export interface Reject {
  /** Ordinal of its source. */
  readonly source: number
  /** Absolute byte of its first byte. */
  readonly byte: number
  /** Physical line it begins on. */
  readonly line: number
  readonly reason: string
  /** Its original bytes, the first 64 KiB of them. */
  readonly record: Buffer
}

/** Bytes of a rejected record that are kept. */
export const KEPT_BYTES = 64 * 1024

/** Rows a statement; a reject may hold 64 KiB. */
const BATCH = 200

export async function recordRejects(
  session: Session,
  run: number,
  rejects: readonly Reject[],
): Promise<void> {
  for (let from = 0; from < rejects.length; from += BATCH) {
    const batch = rejects.slice(from, from + BATCH)
    await session.run(statement('ledger/record_rejects'), [
      run,
      batch.map(({ source }) => source),
      batch.map(({ byte }) => byte),
      batch.map(({ line }) => line),
      batch.map(({ reason }) => reason),
      batch.map(({ record }) => record),
    ])
  }
}

/** A rejected record as it is shown: the file's name, and no bytes that a terminal would obey. */
export interface RejectSummary {
  readonly file: string
  readonly line: number
  readonly byte: number
  readonly reason: string
}

export async function firstRejects(session: Session, run: number, limit: number): Promise<RejectSummary[]> {
  return session.rows<RejectSummary>(statement('ledger/first_rejects'), [run, limit])
}

/** A rejected record as the ledger has it. */
export interface RejectedRecord {
  readonly line: number
  readonly byte: number
  readonly reason: string
  readonly record: Buffer
  /** Whether `record` holds all of its bytes. */
  readonly complete: boolean
}

/** All rejected records of a run, in the order of its sources, some at a time. */
export async function* rejectedRecords(session: Session, run: number): AsyncGenerator<RejectedRecord> {
  await session.run('BEGIN')
  try {
    await session.run(statement('ledger/declare_rejects'), [run])
    for (;;) {
      const batch = await session.rows<RejectedRecord>(statement('ledger/next_rejects'))
      if (batch.length === 0) return
      yield* batch
    }
  } finally {
    await session.run('ROLLBACK').catch(() => {})
  }
}
