import { type Dialect, isBlank } from './dialect.js'

/**
 * Surplus: fields at the end of a record that no column is for. They are dropped where all of them are empty and
 * unquoted, as in a file whose every record ends in a delimiter.
 */

/**
 * Where a record ends without its last fields, if these are empty and unquoted.
 * @param end of the record, its line end not counted
 * @returns undefined if there is something in them
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

/** A record with as many empty fields behind it, as text that COPY gets for surplus. */
export function withSurplus(record: Buffer, surplus: number, { delimiter }: Dialect): Buffer {
  return surplus === 0 ? record : Buffer.concat([record, Buffer.alloc(surplus, delimiter)])
}
