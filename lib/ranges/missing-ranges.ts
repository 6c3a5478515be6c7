import { Blocks } from './blocks.js'
import { type Gap, gapsBetween, type StagedRange } from './gaps.js'
import { type PlanOptions, planRanges } from './planner.js'
import type { PreparedSource } from './prepared-source.js'
import type { Range } from './range.js'
import { rangeSizing } from './sizing.js'

/** What is not staged yet of a source. */
interface Missing {
  readonly reading: PreparedSource
  readonly gaps: readonly Gap[]
  /** Undefined where the workers read for themselves. */
  readonly blocks: Blocks | undefined
  readonly options: PlanOptions
}

/** The ranges of all sources that are not staged yet, one source after the other. */
export class MissingRanges implements AsyncIterable<Range> {
  readonly #all: readonly Missing[]

  /**
   * @param staged what an earlier attempt has done
   * @param ends where the texts end, as far as that is known
   */
  constructor(
    readings: readonly PreparedSource[],
    staged: readonly StagedRange[],
    ends: readonly (number | null)[],
    { workers, rangeSize }: { workers: number; rangeSize: number | undefined },
  ) {
    this.#all = readings.map((reading) => {
      const { source, opening, format } = reading
      const size = source.location && source.size
      const done = staged.filter((each) => each.source === source.ordinal)
      const end = size ?? ends[source.ordinal] ?? Number.POSITIVE_INFINITY
      const gaps = gapsBetween(opening.start, end, done)
      const { dialect, maxRecord } = format
      const columns = opening.columns.length
      const options = { dialect, maxRecord, columns, sizeAt: rangeSizing(size, workers, rangeSize) }
      return { reading, gaps, options, blocks: source.location ? undefined : new Blocks(source, options) }
    })
  }

  get isNothing(): boolean {
    return this.#all.every(({ gaps }) => gaps.length === 0)
  }

  /** Of files, what need not be read any more; what comes in one order is passed over, and counts then. */
  get stagedBytes(): number {
    return this.#all.reduce((sum, { reading, gaps }) => {
      const { location, size = 0 } = reading.source
      const missing = gaps.reduce((bytes, { start, end }) => bytes + end - start.offset, 0)
      return location ? sum + size - missing : sum
    }, 0)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Range> {
    for (const { reading, gaps, blocks, options } of this.#all) {
      yield* blocks?.plan(gaps) ?? planRanges(reading.source, gaps, options)
    }
  }

  /** A range is staged; its block may be filled again. */
  recycle({ source }: Range, block: Uint8Array | undefined): void {
    if (block) this.#all[source]?.blocks?.recycle(block.buffer as ArrayBuffer)
  }
}
