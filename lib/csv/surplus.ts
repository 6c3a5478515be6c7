import { type Dialect, isBlank } from './dialect.js'

/**
 * Surplus fields stand after the last column. They are dropped if all of them are empty and unquoted, as in a file whose
 * records all end in a delimiter.
 */

/**
 * Where a record ends without its surplus fields, if these are empty and unquoted.
 * @param end of the record, its line end not counted
 * @param surplus how many there are
 * @returns undefined if one is not empty
 */
export function endWithoutSurplus(
  records: Uint8Array,
  end: number,
  surplus: number,
  dialect: Dialect,
): number | undefined {
  let at = end
  for (let left = surplus; left > 0; left -= 1) {
    if (dialect.trim) while (at > 0 && isBlank(records[at - 1], dialect)) at -= 1
    if (at === 0 || records[at - 1] !== dialect.delimiter) return undefined
    at -= 1
  }
  return at
}

/** A record with empty surplus fields appended: COPY expects the same number in each record. */
export function withSurplus(record: Buffer, surplus: number, { delimiter }: Dialect): Buffer {
  return surplus === 0 ? record : Buffer.concat([record, Buffer.alloc(surplus, delimiter)])
}
