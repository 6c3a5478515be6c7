/** Bytes. A smaller range costs more in round trips than it gains in balance. */
export const SMALLEST_RANGE = 64 * 1024
/** Bytes. A source up to this size is one range: threads and their sessions would take longer to start than they save. */
export const UNDIVIDED = 512 * 1024
/** Bytes of the first ranges of a large source: each worker waits until its first one is scanned, by code that V8 has not compiled yet. */
const FIRST_RANGE = 256 * 1024
/** Bytes. Larger ranges gain nothing, make the workers finish at different times, and cost more to salvage. */
const LARGEST_RANGE = 2 * 1024 * 1024
/** The approximate maximum number of ranges of a file, whatever its size. */
const MOST_RANGES = 8192

/**
 * The size of the next range: all of a small source, else a share of the rest, so that ranges shrink towards the end and all
 * workers finish together ("guided self-scheduling", Polychronopoulos and Kuck 1987). The first ones are small, so that workers begin
 * soon. If the size is unknown, ranges grow with what was read.
 *
 * @param size bytes of the source, undefined if unknown
 * @param fixed bytes of every range, if the user decides
 * @returns the bytes of the range that begins at an offset
 */
export function rangeSizing(
  size: number | undefined,
  workers: number,
  fixed?: number,
): (offset: number) => number {
  if (fixed !== undefined) return () => fixed
  if (size === undefined) {
    return (offset) =>
      clamp(offset / (2 * workers), SMALLEST_RANGE, Math.max(LARGEST_RANGE, offset / MOST_RANGES))
  }
  if (size <= UNDIVIDED) return () => size
  const largest = Math.max(LARGEST_RANGE, size / MOST_RANGES)
  return (offset) =>
    clamp((size - offset) / (3 * workers), SMALLEST_RANGE, Math.min(largest, Math.max(FIRST_RANGE, offset)))
}

/**
 * The same, but such that given ranges of the source begin and end where they do.
 * @param ranges in the order of the source
 */
export function withCuts(
  sizeAt: (offset: number) => number,
  ranges: readonly { readonly start: number; readonly end: number }[],
): (offset: number) => number {
  if (ranges.length === 0) return sizeAt
  const ends = new Map(ranges.map(({ start, end }) => [start, end]))
  let next = 0
  // Called with ascending offsets.
  return (offset) => {
    while (next < ranges.length && (ranges[next] as { start: number }).start <= offset) next += 1
    const end = ends.get(offset)
    const limit = ranges[next]?.start ?? Number.POSITIVE_INFINITY
    return end === undefined ? Math.min(sizeAt(offset), limit - offset) : end - offset
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.ceil(Math.min(Math.max(value, least), most))
}
