import { tooLong } from '../csv/record-result.js'
import { tooLongRecord } from '../csv/records.js'
import type { Reject } from '../csv/reject.js'
import type { Range } from '../ranges/range.js'

/** The reject for a range that is one record over `maxRecord` bytes; the range brings only its beginning. */
export function tooLongReject({ source, start: offset, line, block }: Range, maxRecord: number): Reject {
  const record = tooLongRecord({ offset, line }, Buffer.from(block as Uint8Array))
  const reason = tooLong(record, maxRecord)
  return { source, byte: offset, line, reason, record: record.bytes, complete: false, staged: false }
}
