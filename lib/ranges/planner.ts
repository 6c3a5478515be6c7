import { type Dialect, scan } from '../csv/scan.js'
import type { Source } from '../source/source.js'
import { Cut } from './cut.js'
import type { Gap } from './gaps.js'
import type { Range } from './range.js'
import type { ScannedKeys } from './scanned-keys.js'

/** Bytes scanned at a time: large enough for speed, small enough for the processor's cache. */
const CHUNK = 1024 * 1024

export interface PlanOptions {
  readonly dialect: Dialect
  readonly maxRecord: number
  /** Fields of a record. */
  readonly columns: number
  /** How many bytes the range that begins at this offset should have. */
  readonly sizeAt: (offset: number) => number
  /** Reads the keys of the records. */
  readonly keys?: ScannedKeys | undefined
}

/**
 * Cuts the gaps of a source into ranges at record boundaries, and yields each range while it still scans. Together the
 * ranges cover the gaps exactly.
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
  { dialect, maxRecord, columns, sizeAt, keys }: PlanOptions,
): AsyncGenerator<Range> {
  let chunk = new Uint8Array(CHUNK)
  let at = start
  let cut = new Cut(source.ordinal, start)

  for (let final = false; !final; ) {
    const wanted = Math.min(chunk.length, end - at.offset)
    const length = await source.read(chunk.subarray(0, wanted), at.offset)
    // A gap ends at a record boundary or with the source. Fewer bytes than wanted: the source has become shorter.
    final = at.offset + length === end || length < wanted
    let rest = chunk.subarray(0, length)

    // At the end of the text the scan is called once more to end a record that is too long.
    while (rest.length > 0 || (final && at.skipping)) {
      const stopAt = cut.start.offset + sizeAt(cut.start.offset)
      const starts = keys?.starts(rest.length)
      const scanned = scan(rest, at, { dialect, maxRecord, columns, final, stopAt, starts })
      const passed = scanned.state.offset - at.offset
      keys?.add(cut, rest.subarray(0, passed), scanned.records)
      rest = rest.subarray(passed)
      at = scanned.state
      cut.add(scanned)
      // A record that is too long has begun, and its end is not in this chunk.
      if (at.offset < stopAt || at.skipping) break
      yield toRange(cut.at(at))
      cut = new Cut(source.ordinal, at)
    }
    // The record is longer than the chunk: read more of it.
    if (!final && rest.length === length) chunk = new Uint8Array(chunk.length * 2)
  }
  if (at.offset > cut.start.offset) yield toRange(cut.at(at))
}

/** A range that a worker reads by itself. */
function toRange(range: Omit<Range, 'delivered'>): Range {
  return { ...range, delivered: range.end - range.start }
}
