import { type Dialect, isBlank } from './dialect.js'

/**
 * Where a record begins and ends without the blanks around it. A record of empty fields only, those of blanks included,
 * begins where it ends.
 */
export function contentOf(
  bytes: Uint8Array,
  from: number,
  to: number,
  dialect: Dialect,
): [start: number, end: number] {
  let start = from
  let end = to
  while (start < to && isBlank(bytes[start], dialect)) start += 1
  while (end > start && isBlank(bytes[end - 1], dialect)) end -= 1
  let filled = start
  while (filled < end && (bytes[filled] === dialect.delimiter || isBlank(bytes[filled], dialect))) filled += 1
  return [filled === end ? end : start, end]
}

/** Whether a record consists of empty unquoted fields. */
export function isOnlyDelimiters(bytes: Uint8Array, from: number, end: number, delimiter: number): boolean {
  let at = from
  while (at < end && bytes[at] === delimiter) at += 1
  return at === end
}
