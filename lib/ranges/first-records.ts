import { FieldCounter } from '../csv/field-counter.js'
import { withoutLineEnd } from '../csv/line-end.js'
import { type Dialect, scan } from '../csv/scan.js'
import { endWithoutSurplus } from '../csv/surplus.js'
import { LONGEST_HEADER, type Opening } from './opening.js'

/** What the first records of a source tell about all of its records. */

/** Bytes of records that are examined. */
const EXAMINED = 64 * 1024

/** The first bytes of a source and how it begins. */
export interface Head {
  readonly bytes: Uint8Array
  /** Whether `bytes` is the whole source. */
  readonly isAll: boolean
  readonly opening: Opening
  readonly dialect: Dialect
}

/** The kinds of record ends of the first records, as bits of the scan. */
export function recordEndsOf({ bytes, isAll, opening, dialect }: Head): number {
  const { columns, start } = opening
  const stopAt = Number.POSITIVE_INFINITY
  const records = bytes.subarray(start.offset, start.offset + EXAMINED)
  const final = isAll && start.offset + records.length === bytes.length
  const options = { dialect, maxRecord: LONGEST_HEADER, columns: columns.length, final, stopAt }
  return scan(records, start, options).recordEnds
}

/** Fields that staging has room for: a table has at most 1,600 columns. */
const MOST_FIELDS = 1500

/**
 * The number of empty fields that the first sound record has behind those of the columns. COPY loads records with this
 * surplus unchanged; from records with another surplus it is removed first.
 */
export function surplusOf({ bytes, isAll, opening, dialect }: Head): number {
  const { columns, start } = opening
  const counter = new FieldCounter(dialect)
  const options = { dialect, maxRecord: LONGEST_HEADER, columns: columns.length, final: isAll }
  for (let at = start; at.offset < Math.min(bytes.length, start.offset + EXAMINED); ) {
    const { state, records, fault } = scan(bytes.subarray(at.offset), at, {
      ...options,
      stopAt: at.offset + 1,
    })
    if (state === at) break
    if (records > 0 && !fault) {
      const record = withoutLineEnd(Buffer.from(bytes.subarray(at.offset, state.offset)))
      const surplus = Math.max(0, counter.count(record) - columns.length)
      const isEmpty = endWithoutSurplus(record, record.length, surplus, dialect) !== undefined
      return isEmpty && columns.length + surplus <= MOST_FIELDS ? surplus : 0
    }
    at = state
  }
  return 0
}
