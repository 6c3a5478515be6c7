import type { Dialect } from '../csv/scan.js'
import { KEPT_BYTES } from '../ledger/rejects.js'
import type { SourceRecord } from '../ranges/records.js'
import { faultOf } from './verdict.js'

const CHUNK = 256 * 1024
const LF = 0x0a
const END_OF_DATA = Buffer.from('\\.')
const QUOTED_END_OF_DATA = Buffer.from('"\\."')

/**
 * The good records of a range as text that COPY takes: their own bytes, each ended by LF. The others are told
 * to `reject`. The chunks share one buffer.
 */
export function* cleanCopyText(
  records: Iterable<SourceRecord>,
  columns: number,
  dialect: Dialect,
  reject: (record: SourceRecord, reason: string, kept: Buffer) => void,
): Generator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(CHUNK)
  let filled = 0
  for (const record of records) {
    const reason = faultOf(record, columns, dialect)
    if (reason !== undefined) {
      reject(record, reason, Buffer.from(record.bytes.subarray(0, KEPT_BYTES)))
      continue
    }
    // PostgreSQL before 18 takes a bare `\.` for the end of the data.
    const bytes = END_OF_DATA.equals(record.bytes) ? QUOTED_END_OF_DATA : record.bytes
    if (filled + bytes.length + 1 > chunk.length) {
      if (filled > 0) yield chunk.subarray(0, filled)
      filled = 0
      if (bytes.length + 1 > chunk.length) chunk = Buffer.allocUnsafe(bytes.length + 1)
    }
    chunk.set(bytes, filled)
    filled += bytes.length
    chunk[filled++] = LF
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
