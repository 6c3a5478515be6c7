import { StageAgain } from '../judge/stage-again.js'
import { unstagedRejects } from '../ledger/rejects.js'
import type { StagedRange } from '../ranges/gaps.js'
import type { LocatedKeys } from '../ranges/located-keys.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import type { Range } from '../ranges/range.js'
import type { AttemptContext } from './run-context.js'

/** The ranges of the direct path, all of which are known before the first one is staged. */

export interface Scanning {
  readonly workers: number
  /** Ranges that are staged: they are cut in the same way. */
  readonly before: readonly StagedRange[]
  /** Throws if the load is to stop. */
  readonly check: () => void
}

/**
 * Scans all sources.
 * @returns all ranges, with the records that are left out; undefined if the scan cannot tell these
 * @throws DasyError TEMPORARY_FILE_FAILED, and those of the sources
 */
export async function scanAll(
  { sources, settings }: AttemptContext,
  keys: LocatedKeys,
  { workers, before, check }: Scanning,
): Promise<Range[] | undefined> {
  const { rangeSize } = settings.tuning
  const ranges: Range[] = []
  const options = { workers, rangeSize, keys, cutAt: before }
  for await (const range of new MissingRanges(sources, [], [], options)) {
    check()
    if (!keys.isOfUse) return undefined
    ranges.push(range)
  }
  const leftOut = keys.leftOut(settings.policy.duplicates === 'last')
  const isKnown = ranges.every(
    (range) => range.records === 0 || leftOut?.(range)?.bytes === range.end - range.start,
  )
  if (!leftOut || !isKnown) return undefined
  return ranges.map((range) => {
    const { omitted = NONE, keyless = NONE } = leftOut(range) ?? {}
    return { ...range, ...(omitted.length > 0 && { omitted }), ...(keyless.length > 0 && { keyless }) }
  })
}

const NONE = new Int32Array(0)

/**
 * The ranges that are not staged yet. Of the others it is noted which records were rejected.
 * @throws StageAgain
 */
export async function missingOf(
  { session, run, ledger, sources }: AttemptContext,
  keys: LocatedKeys,
  ranges: readonly Range[],
  before: readonly StagedRange[],
): Promise<Range[]> {
  if (before.length === 0) return [...ranges]
  const staged = new Set(before.map(({ source, start, end }) => `${source} ${start} ${end}`))
  const rest = ranges.filter(({ source, start, end }) => !staged.has(`${source} ${start} ${end}`))
  const { rejected } = await ledger.totals()
  const offsets: number[][] = []
  for (const { source } of sources)
    offsets.push(await unstagedRejects(session, run, source.ordinal, 0, source.size as number))
  const isSame = rest.length === ranges.length - before.length && keys.rejectedBefore(offsets) === rejected
  if (!isSame) throw new StageAgain()
  return rest
}
