import type { Source } from '../source/source.js'
import { Blocks } from './blocks.js'
import { type Gap, gapsBetween, type StagedRange } from './gaps.js'
import { type PlanOptions, planRanges } from './planner.js'
import type { PreparedSource } from './prepared-source.js'
import type { Range } from './range.js'
import type { ScannedKeys } from './scanned-keys.js'
import { rangeSizing, withCuts } from './sizing.js'

/** The gaps of one source, and how to cut them into ranges. */
interface SourceGaps {
  readonly source: Source
  readonly gaps: readonly Gap[]
  /** Undefined if the workers read the source by themselves. */
  readonly blocks: Blocks | undefined
  readonly options: PlanOptions
}

export interface RangeOptions {
  readonly workers: number
  /** Bytes of a range; undefined to choose them by the size of the source. */
  readonly rangeSize: number | undefined
  /** Reads the keys of the records. */
  readonly keys?: ScannedKeys | undefined
  /** Ranges at whose ends a source is to be cut, although they are not missing. */
  readonly cutAt?: readonly StagedRange[] | undefined
}

/** The ranges of all sources that are not staged yet, one source after the other. */
export class MissingRanges implements AsyncIterable<Range> {
  readonly #staged: number
  readonly #all: readonly SourceGaps[]

  /**
   * @param sources by ordinal
   * @param staged by earlier attempts
   * @param ends the byte at which the text of each source ends; null if unknown
   */
  constructor(
    sources: readonly PreparedSource[],
    staged: readonly StagedRange[],
    ends: readonly (number | null)[],
    { workers, rangeSize, keys, cutAt = [] }: RangeOptions,
  ) {
    this.#staged = staged.length
    this.#all = sources.map(({ source, opening, format }) => {
      const size = source.location && source.size
      const ofSource = staged.filter((range) => range.source === source.ordinal)
      const end = size ?? ends[source.ordinal] ?? Number.POSITIVE_INFINITY
      const gaps = gapsBetween(opening.start, end, ofSource)
      const { dialect, maxRecord } = format
      const columns = opening.columns.length
      const options = {
        dialect,
        maxRecord,
        columns,
        sizeAt: withCuts(
          rangeSizing(size, workers, rangeSize),
          cutAt.filter((range) => range.source === source.ordinal),
        ),
        keys,
      }
      return { source, gaps, options, blocks: source.location ? undefined : new Blocks(source, options) }
    })
  }

  /** Whether no range is staged yet. */
  get areAll(): boolean {
    return this.#staged === 0
  }

  get isNothing(): boolean {
    return this.#all.every(({ gaps }) => gaps.length === 0)
  }

  /**
   * The bytes of files that are staged already and are not read again. (A stream is read again from its start, so its
   * bytes count as progress when they are read.)
   */
  get stagedBytes(): number {
    return this.#all.reduce((sum, { source, gaps }) => {
      const { location, size = 0 } = source
      const missing = gaps.reduce((bytes, { start, end }) => bytes + end - start.offset, 0)
      return location ? sum + size - missing : sum
    }, 0)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Range> {
    for (const { source, gaps, blocks, options } of this.#all) {
      yield* blocks?.plan(gaps) ?? planRanges(source, gaps, options)
    }
  }

  /** Takes the block of a staged range back, to use it for a later range. */
  recycle({ source }: Range, block: Uint8Array | undefined): void {
    if (block) this.#all[source]?.blocks?.recycle(block.buffer as ArrayBuffer)
  }
}
