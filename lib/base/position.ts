/**
 * A record's position: the ordinal of its source and a byte offset in that source, packed into one bigint. The lower
 * 48 bits (256 TiB) hold the offset, the 15 bits above hold the ordinal. Positions sort in the order of the sources and
 * of the records in them.
 */
export const OFFSET_BITS = 48

/** The most bytes that a source may have, because a position has no room for a larger offset. */
export const LARGEST_SOURCE = 2 ** OFFSET_BITS

/** @returns the position as text, because it may exceed what a JavaScript number holds exactly */
export function positionOf(source: number, offset: number): string {
  if (source === 0) return `${offset}`
  return `${(BigInt(source) << BigInt(OFFSET_BITS)) | BigInt(offset)}`
}
