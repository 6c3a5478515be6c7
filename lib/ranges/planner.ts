import { type Dialect, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'
import { Cut } from './cut.js'
import type { Gap } from './gaps.js'
import type { Range } from './range.js'

/** Bytes scanned at a time: large enough for speed, small enough for a cache. */
const CHUNK = 1024 * 1024

export interface PlanOptions {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** Fields of a record. */
  readonly columns: number
  /** Bytes the range that begins at this offset should have. */
  readonly sizeAt: (offset: number) => number
}

/**
 * Cuts the missing parts of a source into ranges at record boundaries and hands them out while it still scans.
 * Together the ranges are the gaps.
 */
export async function* planRanges(
  source: Source,
  gaps: readonly Gap[],
  options: PlanOptions,
): AsyncGenerator<Range> {
  for (const gap of gaps) yield* planGap(source, gap, options)
}

async function* planGap(
  source: Source,
  { start, end }: Gap,
  { dialect, maxRecord, columns, sizeAt }: PlanOptions,
): AsyncGenerator<Range> {
  let chunk = new Uint8Array(CHUNK)
  let at = start
  let cut = new Cut(source.ordinal, start)

  for (let final = false; !final; ) {
    const wanted = Math.min(chunk.length, end - at.offset)
    const length = await source.read(chunk.subarray(0, wanted), at.offset)
    // It ends at a record boundary, so nothing follows; or the source has become shorter.
    final = at.offset + length === end || length < wanted
    let rest = chunk.subarray(0, length)

    // At the end of the text a record that is too long must still be ended.
    while (rest.length > 0 || (final && at.skipping)) {
      const stopAt = cut.start.offset + sizeAt(cut.start.offset)
      const scanned = scan(rest, at, { dialect, maxRecord, columns, final, stopAt })
      rest = rest.subarray(scanned.state.offset - at.offset)
      at = scanned.state
      cut.add(scanned)
      // After a certain record end, but in the middle of a record that is too long.
      if (at.offset < stopAt || at.skipping) break
      yield read(cut.at(at))
      cut = new Cut(source.ordinal, at)
    }
    // A record that is longer than the chunk: read more of it.
    if (!final && rest.length === length) chunk = new Uint8Array(chunk.length * 2)
  }
  if (at.offset > cut.start.offset) yield read(cut.at(at))
}

/** A range that the worker reads by itself. */
function read(range: Omit<Range, 'delivered'>): Range {
  return { ...range, delivered: range.end - range.start }
}
