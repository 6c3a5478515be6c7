import { isUtf8 } from 'node:buffer'
import type { Dialect } from '../csv/scan.js'
import type { SourceRecord } from '../ranges/records.js'

/** Why a record cannot be loaded, or undefined if it can. */
export function faultOf(record: SourceRecord, columns: number, dialect: Dialect): string | undefined {
  if (record.fault !== undefined) return record.fault
  if (record.bytes.includes(0)) return 'NUL byte'
  if (!isUtf8(record.bytes)) return 'invalid UTF-8'
  const fields = countFields(record.bytes, dialect)
  if (fields < columns) return `too few fields: ${fields} of ${columns}`
  if (fields > columns) return `too many fields: ${fields} for ${columns} columns`
  return undefined
}

/** The number of fields of a record in which the scan found no fault: every quote toggles. */
function countFields(bytes: Uint8Array, { delimiter, quote }: Dialect): number {
  let fields = 1
  let quoted = false
  for (const byte of bytes) {
    if (byte === quote) quoted = !quoted
    else if (byte === delimiter && !quoted) fields++
  }
  return fields
}
