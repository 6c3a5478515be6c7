import { type Dialect, type ScanState, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'
import type { Range } from './range.js'

/** Bytes scanned at a time: large enough for speed, small enough for a cache. */
const CHUNK = 1024 * 1024

export interface PlanOptions {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** Bytes the range that begins at this offset should have. */
  readonly sizeAt: (offset: number) => number
}

/**
 * Cuts a source into ranges at record boundaries and hands them out while it still scans.
 * Put together the ranges are the source from `start` on.
 */
export async function* planRanges(
  source: Source,
  start: ScanState,
  { dialect, maxRecord, sizeAt }: PlanOptions,
): AsyncGenerator<Range> {
  let chunk = new Uint8Array(CHUNK)
  let begin = start
  let at = start
  let records = 0
  let flagged = false

  for (;;) {
    const length = await source.read(chunk, at.offset)
    const final = length < chunk.length
    let rest = chunk.subarray(0, length)
    if (rest.length === 0) break

    for (;;) {
      const stopAt = begin.offset + sizeAt(begin.offset)
      const scanned = scan(rest, at, { dialect, maxRecord, final, stopAt })
      const passed = scanned.state.offset - at.offset
      rest = rest.subarray(passed)
      at = scanned.state
      records += scanned.records
      flagged ||= scanned.irregular || scanned.fault !== undefined
      if (at.offset < stopAt) break

      yield {
        source: source.ordinal,
        start: begin.offset,
        end: at.offset,
        line: begin.line,
        records,
        flagged,
      }
      begin = at
      records = 0
      flagged = false
      if (rest.length === 0) break
    }

    if (final) break
    // A record that is longer than the chunk: come back with more of it.
    if (rest.length === length) chunk = new Uint8Array(chunk.length * 2)
  }

  if (at.offset > begin.offset) {
    yield { source: source.ordinal, start: begin.offset, end: at.offset, line: begin.line, records, flagged }
  }
}
