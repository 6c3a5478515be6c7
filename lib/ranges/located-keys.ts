import type { GroupCounter } from './group-counter.js'
import type { GroupCounts } from './group-counts.js'
import type { Range } from './range.js'
import { RecordLengths } from './record-lengths.js'
import { placesOf, type RecordParts, type RecordPlace } from './record-parts.js'
import { ScannedKeys, type StagedRecords } from './scanned-keys.js'

/** The records of a range that are not staged. */
export interface LeftOutParts {
  /** Bytes of the range. */
  readonly bytes: number
  /** Those that lose. */
  readonly omitted: RecordParts
  /** Those without a key. */
  readonly keyless: RecordParts
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
  readonly parts: RecordParts
}

const NONE: RecordParts = new Int32Array(0)

/**
 * Scanned keys that tell where their records are, before the first record is staged: so that those are left out which lose to
 * another one with the same key.
 */
export class LocatedKeys extends ScannedKeys {
  readonly #lengths = new RecordLengths()
  #counter: GroupCounter | undefined
  /** Ordinals of the records that lose, ascending. */
  #omitted = new Int32Array(0)

  /** Lets it count the records: those that are scanned, without those that are not staged. It is closed with the keys. */
  count(counter: GroupCounter): void {
    this.#counter = counter
  }

  /** What was counted, when the keys are revised; undefined if that is not known. */
  get groups(): GroupCounts | undefined {
    return this.#counter?.counts
  }

  override staged(range: StagedRecords, rejected: readonly number[] | undefined): void {
    super.staged(range, rejected)
    const { source, start, omitted = [] } = range
    this.#counter?.correct(placesOf(source, start, omitted), -1)
  }

  /** Whether it may know where the records are that are left out. */
  get isOfUse(): boolean {
    return !this.hasGivenUp && !this.hasTooLong
  }

  override close(): void {
    super.close()
    this.#counter?.close()
  }

  /**
   * Where the records are that lose or have no key, when all ranges are scanned.
   * @param lastWins whether the last record of a key wins, not the first
   * @returns what it knows of a range, nothing of one without records; undefined if it cannot know
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  leftOut(lastWins: boolean): ((range: Range) => LeftOutParts | undefined) | undefined {
    this.finish()
    if (!this.isOfUse) return undefined
    this.#omitted = this.losersBut(lastWins, new Set()).sort()
    // To go through all lengths takes a while, and most files have no record without a key.
    const keyless = this.keyless.length > 0 ? this.#locate(Int32Array.from(this.keyless)) : undefined
    const found = new Map<string, LeftOutParts>()
    for (const { source, start, bytes, parts } of this.#locate(this.#omitted)) {
      const without = keyless?.next().value?.parts ?? NONE
      found.set(`${source} ${start}`, { bytes, omitted: parts, keyless: without })
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
    const omitted = new Set(this.#omitted)
    const winning = this.#omitted.filter((record) => !losers.has(record) && !rejected.has(record))
    const without = Int32Array.from([...rejected].filter((record) => !omitted.has(record))).sort()
    const missing = this.#placesOf(winning)
    this.#counter?.correct(this.#placesOf(without), -1)
    this.#counter?.correct(missing, 1)
    return { duplicates: losers.size, missing }
  }

  /**
   * Records that an earlier attempt has rejected, when all ranges are scanned.
   * @param offsets where they begin, of each source by its ordinal, ascending
   * @returns how many were found
   */
  rejectedBefore(offsets: readonly (readonly number[])[]): number {
    const nextLength = this.#lengths.reader()
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

  protected override expect(times: number): void {
    super.expect(times)
    this.#counter?.expect(times)
  }

  protected override pass(source: number, bytes: Uint8Array, from: number, start: number, end: number): void {
    this.#lengths.add(end - from)
    // Later it is read from where the previous one ends.
    if (start === from) this.#counter?.add(source, bytes, start, end)
    else this.#counter?.giveUp()
  }

  /** @param records ordinals, ascending */
  #placesOf(records: Int32Array): RecordPlace[] {
    return [...this.#locate(records)].flatMap(({ source, start, parts }) => placesOf(source, start, parts))
  }

  /** Where records are in their ranges: all ranges, in their order. @param records ordinals, ascending */
  *#locate(records: Int32Array): Generator<LocatedRange, undefined> {
    const nextLength = this.#lengths.reader()
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
      yield { source, start, bytes, parts: new Int32Array(parts) }
    }
  }
}
