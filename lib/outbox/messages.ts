import { FoundChanges } from '../api/changes.js'
import type { Change } from '../contract/change.js'
import type { Session } from '../db/session.js'
import { findRun, type RunRecord, receiptOf } from '../ledger/history.js'

/** What entries of the outbox say, as messages. */

/** An entry of the outbox. */
export interface Entry {
  readonly entry: number
  readonly message: string
  readonly type: string
  readonly run: number | null
  /** Of `run.*` what the receipt said then. */
  readonly data: object | null
  readonly made_at: Date
}

/** One of the messages of an entry. */
export interface OutboxMessage {
  readonly batch: number
  readonly id: string
  readonly body: string
}

/** How much one message may tell. */
const MOST_CHANGES = 1000
const MOST_BYTES = 256 * 1024
/** What is around the changes. */
const AROUND = 1024

/** The messages of an entry in their order. Only one batch is in memory. */
export async function* messagesOf(session: Session, entry: Entry): AsyncGenerator<OutboxMessage> {
  const { type, run, data, message, made_at } = entry
  const bodyOf = (said: object) => JSON.stringify({ type, timestamp: made_at.toISOString(), data: said })
  if (run === null) return yield { batch: 1, id: message, body: bodyOf(data ?? {}) }
  const record = await findRun(session, run)
  if (type !== 'rows.changed') return yield { batch: 1, id: message, body: bodyOf(receiptThen(record, data)) }
  let batches = 0
  for await (const _ of batchesOf(session, run)) batches += 1
  let batch = 0
  for await (const changes of batchesOf(session, run)) {
    batch += 1
    const head = JSON.stringify({ run, table: record.table, batch, batches }).slice(0, -1)
    const start = bodyOf({}).slice(0, -'{}}'.length)
    yield { batch, id: `${message}_${batch}`, body: `${start}${head},"changes":[${changes.join(',')}]}}` }
  }
}

/** The receipt as it was when the run ended or stopped: it may have gone on since. */
function receiptThen(record: RunRecord, data: object | null): object {
  return receiptOf({ ...record, ...data, state: 'ended' } as RunRecord)
}

/** Changes as JSON, as `dasy changes --json` writes them. */
async function* batchesOf(session: Session, run: number): AsyncGenerator<string[]> {
  const found = await FoundChanges.in(session, run, {})
  let batch: string[] = []
  let bytes = AROUND
  for await (const change of found.read()) {
    const text = textOf(change)
    const size = Buffer.byteLength(text) + 1
    if (batch.length > 0 && (batch.length === MOST_CHANGES || bytes + size > MOST_BYTES)) {
      yield batch
      batch = []
      bytes = AROUND
    }
    batch.push(text)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function textOf(change: Change): string {
  return JSON.stringify(change)
}
