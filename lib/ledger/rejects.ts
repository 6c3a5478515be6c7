import type { Reject } from '../csv/reject.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'

/** A batch is complete when it has so many rejects, or so many bytes of records. */
const BATCH_ROWS = 5000
const BATCH_BYTES = 4 * 1024 * 1024

/** Stores rejects in batches, so that at most one batch is in memory. */
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
    if (batch.length < BATCH_ROWS && bytes < BATCH_BYTES) continue
    await recordBatch(session, run, batch)
    batch = []
    bytes = 0
  }
  if (batch.length > 0) await recordBatch(session, run, batch)
}

/** Sends the records as one concatenated value, because in an array each byte would take two to four characters. */
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

/** The offsets of rejects in an interval of a source that were never staged, in ascending order. */
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

/** A rejected record without its bytes, with the name of its source. */
export interface RejectSummary {
  readonly file: string
  readonly line: number
  readonly byte: number
  readonly reason: string
}

export async function firstRejects(session: Session, run: number, limit: number): Promise<RejectSummary[]> {
  return session.rows<RejectSummary>(statement('ledger/first_rejects'), [run, limit])
}

/** A rejected record from the ledger. */
export interface RejectedRecord {
  /** The ordinal of its source. */
  readonly source: number
  readonly line: number
  readonly byte: number
  readonly reason: string
  readonly record: Buffer
  /** Whether `record` has all its bytes. */
  readonly complete: boolean
}

type Listed = Omit<RejectedRecord, 'record'> & { readonly length: number }

/** The bytes of records that are fetched at a time. */
const FETCH_BYTES = 4 * 1024 * 1024

/**
 * The rejected records of a run, in the order of its sources. At most one large record or some small ones are in memory.
 * @param source the ordinal of a source, for its rejects only
 */
export async function* rejectedRecords(
  session: Session,
  run: number,
  source?: number,
): AsyncGenerator<RejectedRecord> {
  await using _ = await session.snapshot()
  await session.run(statement('ledger/declare_rejects'), [run, source ?? null])
  for (;;) {
    const listed = await session.rows<Listed>(query`FETCH FORWARD 1000 FROM rejected`)
    if (listed.length === 0) return
    for (const batch of batches(listed)) yield* fetched(session, run, batch)
  }
}

/** Batches of one source each, with at most FETCH_BYTES of records, or a single larger record. */
function* batches(listed: readonly Listed[]): Generator<[Listed, ...Listed[]]> {
  let batch: Listed[] = []
  let bytes = 0
  for (const reject of listed) {
    const [first] = batch
    if (first && (bytes + reject.length > FETCH_BYTES || first.source !== reject.source)) {
      yield batch as [Listed, ...Listed[]]
      batch = []
      bytes = 0
    }
    batch.push(reject)
    bytes += reject.length
  }
  if (batch.length > 0) yield batch as [Listed, ...Listed[]]
}

async function* fetched(
  session: Session,
  run: number,
  batch: readonly [Listed, ...Listed[]],
): AsyncGenerator<RejectedRecord> {
  const [{ source }] = batch
  const longest = Math.max(...batch.map(({ length }) => length))
  const parts = new Map<number, Buffer[]>(batch.map(({ byte }) => [byte, []]))
  // In slices, because a record may be longer than the client accepts as one value.
  for (let from = 0; from < Math.max(longest, 1); from += FETCH_BYTES) {
    const values = [run, source, [...parts.keys()], from, FETCH_BYTES]
    const text = statement('ledger/rejected_bytes')
    for (const { byte, bytes } of await session.rows<{ byte: number; bytes: Buffer }>(text, values)) {
      parts.get(byte)?.push(bytes)
    }
  }
  for (const { line, byte, reason, complete } of batch) {
    yield { source, line, byte, reason, complete, record: Buffer.concat(parts.get(byte) ?? []) }
  }
}
