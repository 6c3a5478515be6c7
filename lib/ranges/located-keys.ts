import type { Range } from './range.js'
import { RecordLengths } from './record-lengths.js'
import type { RecordParts } from './record-parts.js'
import { ScannedKeys } from './scanned-keys.js'

/** The records of a range that are not staged. */
export interface LeftOutParts {
  /** Bytes of the range. */
  readonly bytes: number
  /** Those that lose. */
  readonly omitted: RecordParts
  /** Those without a key. */
  readonly keyless: RecordParts
}

/** The bytes of a record in its source. */
export interface RecordPlace {
  /** Ordinal of the source. */
  readonly source: number
  readonly start: number
  readonly end: number
}

/** What is known when it is known which records were rejected. */
export interface Revised {
  /** How many records lose. */
  readonly duplicates: number
  /** Records that win because others were rejected, and are not staged. */
  readonly missing: readonly RecordPlace[]
}

interface LocatedRange {
  readonly source: number
  readonly start: number
  /** Bytes of its records. */
  readonly bytes: number
  /** Where some of them begin and end, counted from the start of the range. */
  readonly parts: readonly number[]
}

/**
 * Scanned keys that tell where their records are, before the first record is staged: so that those are left out which lose to
 * another one with the same key.
 */
export class LocatedKeys extends ScannedKeys {
  protected override readonly lengths = new RecordLengths()
  /** Ordinals of the records that lose, ascending. */
  #omitted = new Int32Array(0)

  /**
   * Where the records are that lose or have no key, when all ranges are scanned.
   * @param lastWins whether the last record of a key wins, not the first
   * @returns what it knows of a range, nothing of one without records; undefined if it cannot know
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  leftOut(lastWins: boolean): ((range: Range) => LeftOutParts | undefined) | undefined {
    this.finish()
    if (this.hasGivenUp || this.hasTooLong) return undefined
    this.#omitted = Int32Array.from(this.losersBut(lastWins, new Set())).sort()
    const keyless = [...this.#locate(Int32Array.from(this.keyless))]
    const found = new Map<string, LeftOutParts>()
    for (const [index, { source, start, bytes, parts }] of [...this.#locate(this.#omitted)].entries()) {
      const without = keyless[index]?.parts ?? []
      const left = { bytes, omitted: Int32Array.from(parts), keyless: Int32Array.from(without) }
      found.set(`${source} ${start}`, left)
    }
    return ({ source, start }) => found.get(`${source} ${start}`)
  }

  /**
   * What the rejects have changed, when all ranges are staged without the records of `leftOut`.
   * @returns undefined if it cannot know
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  revise(lastWins: boolean): Revised | undefined {
    if (this.hasGivenUp) return undefined
    const rejected = this.rejectedRecords()
    if (rejected.size === 0) return { duplicates: this.#omitted.length, missing: [] }
    const losers = new Set(this.losersBut(lastWins, rejected))
    const winning = this.#omitted.filter((record) => !losers.has(record) && !rejected.has(record))
    const missing: RecordPlace[] = []
    for (const { source, start, parts } of this.#locate(winning)) {
      for (let index = 0; index < parts.length; index += 2)
        missing.push({
          source,
          start: start + (parts[index] as number),
          end: start + (parts[index + 1] as number),
        })
    }
    return { duplicates: losers.size, missing }
  }

  /**
   * Records that an earlier attempt has rejected, when all ranges are scanned.
   * @param offsets where they begin, of each source by its ordinal, ascending
   * @returns how many were found
   */
  rejectedBefore(offsets: readonly (readonly number[])[]): number {
    const nextLength = this.lengths.reader()
    const next = offsets.map(() => 0)
    let found = 0
    for (const [index, { source, start, record }] of this.ranges.entries()) {
      const records = (this.ranges[index + 1]?.record ?? this.records) - record
      const rejected: number[] = []
      let behind = start
      for (let each = 0; each < records; each += 1) {
        behind += nextLength()
        const offset = offsets[source]?.[next[source] as number]
        if (offset === undefined || offset >= behind) continue
        rejected.push(each)
        next[source] = (next[source] as number) + 1
      }
      if (rejected.length > 0) this.staged({ source, start, records }, rejected)
      found += rejected.length
    }
    return found
  }

  /** Where records are in their ranges. @param records ordinals, ascending */
  *#locate(records: Int32Array): Generator<LocatedRange> {
    const nextLength = this.lengths.reader()
    let next = 0
    for (const [index, { source, start, record }] of this.ranges.entries()) {
      const end = this.ranges[index + 1]?.record ?? this.records
      const parts: number[] = []
      let bytes = 0
      for (let each = record; each < end; each += 1) {
        const behind = bytes + nextLength()
        if (each === records[next]) {
          parts.push(bytes, behind)
          next += 1
        }
        bytes = behind
      }
      yield { source, start, bytes, parts }
    }
  }
}
