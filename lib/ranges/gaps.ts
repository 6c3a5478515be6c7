import type { ScanState } from '../csv/scan.js'

/** A range of a source that is staged. */
export interface StagedRange {
  /** The ordinal of the source. */
  readonly source: number
  readonly start: number
  readonly end: number
  /** The physical line that follows it. */
  readonly next_line: number
}

/** A part of a source that is not staged: it ends at a record boundary or with the source. */
export interface Gap {
  readonly start: ScanState
  readonly end: number
}

/**
 * The parts of a source that are not staged yet.
 *
 * @param start where the data records begin
 * @param size bytes of the source; infinite if unknown
 * @param staged in the order of the source
 */
export function gapsBetween(
  start: ScanState,
  size: number,
  staged: readonly Omit<StagedRange, 'source'>[],
): Gap[] {
  const gaps: Gap[] = []
  let at = start
  for (const { start: offset, end, next_line: line } of staged) {
    if (offset < at.offset) throw new Error(`bytes ${offset} to ${at.offset} are staged twice`)
    if (offset > at.offset) gaps.push({ start: at, end: offset })
    at = { offset: end, line }
  }
  if (at.offset < size) gaps.push({ start: at, end: size })
  return gaps
}
