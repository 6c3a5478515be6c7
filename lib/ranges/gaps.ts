import type { ScanState } from '../csv/scan.js'

/** A piece of a source that is staged, between two record boundaries. */
export interface StagedRange {
  /** The ordinal of the source. */
  readonly source: number
  readonly start: number
  readonly end: number
  /** The physical line after it. */
  readonly next_line: number
}

/** A piece that is not staged, between two record boundaries or up to the end of the source. */
export interface Gap {
  readonly start: ScanState
  readonly end: number
}

/**
 * What is missing between the staged pieces of a source.
 *
 * @param start where the data records begin
 * @param size bytes of the source
 * @param staged in the order of the source
 */
export function gapsBetween(
  start: ScanState,
  size: number,
  staged: readonly Omit<StagedRange, 'source'>[],
): Gap[] {
  const gaps: Gap[] = []
  let at = start
  for (const piece of staged) {
    if (piece.start < at.offset) throw new Error(`bytes ${piece.start} to ${at.offset} are staged twice`)
    if (piece.start > at.offset) gaps.push({ start: at, end: piece.start })
    at = { offset: piece.end, line: piece.next_line }
  }
  if (at.offset < size) gaps.push({ start: at, end: size })
  return gaps
}
