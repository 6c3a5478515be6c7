/** Bytes. Below this a range costs more in round trips than it brings in balance. */
export const SMALLEST_RANGE = 64 * 1024
/**
 * Bytes. Larger ones bring nothing, make the workers finish at different times, and cost more where one has to be looked
 * through for a bad record.
 */
const LARGEST_RANGE = 2 * 1024 * 1024
/** A file of any size has about this many ranges at most. */
const MOST_RANGES = 8192

/**
 * How large the next range is to be: a share of what is left, so that ranges shrink towards the end and all
 * workers finish together ("guided self-scheduling", Polychronopoulos and Kuck 1987).
 *
 * @param size bytes of the source, undefined where that is not known
 * @param fixed bytes, where the caller decides
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
  const largest = Math.max(LARGEST_RANGE, size / MOST_RANGES)
  return (offset) => clamp((size - offset) / (3 * workers), SMALLEST_RANGE, largest)
}

function clamp(value: number, least: number, most: number): number {
  return Math.ceil(Math.min(Math.max(value, least), most))
}
