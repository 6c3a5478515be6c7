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
  /** Its original bytes. */
  readonly record: Uint8Array
  /** Whether `record` is all of it. */
  readonly complete: boolean
  /** Whether it was in staging, and counts in the positions there: what is wrong with it was found in SQL. */
  readonly staged: boolean
}

/** Rejects that a statement records at most, and from how many bytes of records on it takes no more. */
const MOST_ROWS = 5000
const ENOUGH_BYTES = 4 * 1024 * 1024

/** Records rejects as they come, a batch at a time, so that no more than that is held. */
export async function recordRejects(
  session: Session,
  run: number,
  rejects: AsyncIterable<Reject> | Iterable<Reject>,
): Promise<void> {
  let batch: Reject[] = []
  let bytes = 0
  for await (const reject of rejects) {
    batch.push(reject)
    bytes += reject.record.length
    if (batch.length < MOST_ROWS && bytes < ENOUGH_BYTES) continue
    await recordBatch(session, run, batch)
    batch = []
    bytes = 0
  }
  if (batch.length > 0) await recordBatch(session, run, batch)
}

/** The records go as one value, end to end: in an array each byte would take two to four characters. */
async function recordBatch(session: Session, run: number, batch: readonly Reject[]): Promise<void> {
  const starts: number[] = []
  let length = 0
  for (const { record } of batch) {
    starts.push(length + 1)
    length += record.length
  }
  await session.run(statement('ledger/record_rejects'), [
    run,
    batch.map(({ source }) => source),
    batch.map(({ byte }) => byte),
    batch.map(({ line }) => line),
    batch.map(({ reason }) => reason),
    batch.map(({ staged }) => staged),
    batch.map(({ complete }) => complete),
    starts,
    batch.map(({ record }) => record.length),
    Buffer.concat(batch.map(({ record }) => record)),
  ])
}

/** Where the records of an interval of a source are that never came into staging, in the order of the file. */
export async function unstagedRejects(
  session: Session,
  run: number,
  source: number,
  start: number,
  end: number,
): Promise<number[]> {
  const rows = await session.rows<{ byte: number }>(statement('ledger/unstaged_rejects'), [
    run,
    source,
    start,
    end,
  ])
  return rows.map(({ byte }) => byte)
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
