import { DasyError } from '../base/errors.js'
import { positionOf } from '../base/position.js'
import type { KeyReader } from '../csv/key-reader.js'
import type { Cut } from './cut.js'
import { KeyStore } from './key-store.js'
import type { Range } from './range.js'

/** More records without a usable key are left to the database. */
const MOST_UNUSABLE = 100_000

/** A range: `record` is the ordinal of its first record among all records that were scanned. */
export interface ScannedRange {
  readonly source: number
  readonly start: number
  readonly record: number
  /** Records that were not staged, by their ordinals in the range, ascending. */
  rejected: readonly number[]
}

/** What is to be known of a range that is staged. */
export type StagedRecords = Pick<Range, 'source' | 'start' | 'records' | 'omitted'>

/**
 * The keys of all records, read while the ranges are scanned: which records lose to another one with the same key. It
 * gives up if it cannot know that; the database then compares the keys.
 */
export class ScannedKeys {
  readonly #readers: readonly KeyReader[]
  readonly #bytes: number | undefined
  #starts = new Int32Array(0)
  #store: KeyStore | undefined
  #hasGivenUp = false
  #ranges: ScannedRange[] = []
  #records = 0
  #rejected = 0
  /** Ordinals of records without a usable key. */
  #unusable: number[] = []
  #hasTooLong = false

  /**
   * @param readers by the ordinal of the source
   * @param bytes of all sources; undefined if unknown
   * @param types of the columns of the key
   */
  constructor(
    readers: readonly KeyReader[],
    bytes: number | undefined,
    readonly types: readonly string[],
  ) {
    this.#readers = readers
    this.#bytes = bytes
  }

  giveUp(): void {
    this.close()
    this.#hasGivenUp = true
    this.#ranges = []
    this.#unusable = []
  }

  /** @returns where a scan of so many bytes stores the starts of the records; undefined if nobody needs them */
  starts(length: number): Int32Array | undefined {
    if (this.#hasGivenUp) return undefined
    if (this.#starts.length < length) this.#starts = new Int32Array(length)
    return this.#starts
  }

  /**
   * Reads the keys of the records that a scan has passed.
   * @param cut the range that they belong to, without them
   * @param bytes what the scan passed
   */
  add(cut: Cut, bytes: Uint8Array, records: number): void {
    if (this.#hasGivenUp || records === 0) return
    this.#store ??= this.#newStore(bytes.length / records)
    if (cut.records === 0) {
      const { source, start } = cut
      this.#ranges.push({ source, start: start.offset, record: this.#records, rejected: [] })
    }
    const store = this.#store
    if (!store || !isPossible(() => this.#addAll(store, cut.source, bytes, records))) this.giveUp()
    else if (this.#records === 0 && this.#bytes !== undefined) this.expect(this.#bytes / bytes.length)
    this.#records += records
  }

  /** A range is staged. @param rejected the ordinals of its records that were not staged; undefined if unknown */
  staged({ source, start, records }: StagedRecords, rejected: readonly number[] | undefined): void {
    if (this.#hasGivenUp || rejected?.length === 0) return
    const range = this.#ranges.find((each) => each.source === source && each.start === start)
    this.#rejected += rejected?.length ?? 0
    if (range && rejected) range.rejected = rejected
    // A record of a stream that is too long is a range of its own, which was not added.
    else if (rejected?.length !== records) this.giveUp()
  }

  /** All ranges are staged. */
  finish(): void {
    const store = this.#store
    if (store && !isPossible(() => store.finish())) this.giveUp()
  }

  /**
   * How many staged records have no usable key.
   * @param rejected how many records are rejected so far
   * @returns undefined if it has given up, or if records were rejected after they were staged
   */
  unusable(rejected: number): number | undefined {
    if (this.#hasGivenUp || rejected !== this.#rejected) return undefined
    const isRejected = this.rejectedRecords()
    return this.#unusable.filter((record) => !isRejected.has(record)).length
  }

  /**
   * The positions of the staged records that lose, in lists.
   * @param lastWins whether the last record of a key wins, not the first
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  *losers(lastWins: boolean): Generator<string[]> {
    if (!this.#store) return
    for (const records of this.#store.losers(lastWins, this.rejectedRecords()))
      yield records.map((record) => this.#positionOf(record))
  }

  /** The ordinals of the records that lose. @param out the records that do not count */
  protected losersBut(lastWins: boolean, out: ReadonlySet<number>): Int32Array<ArrayBuffer> {
    const lists = [...(this.#store?.losers(lastWins, out) ?? [])]
    const losers = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0))
    let end = 0
    for (const list of lists) {
      losers.set(list, end)
      end += list.length
    }
    return losers
  }

  /** The ranges that were scanned, in their order. */
  protected get ranges(): readonly ScannedRange[] {
    return this.#ranges
  }

  /** How many records were scanned. */
  protected get records(): number {
    return this.#records
  }

  protected get hasGivenUp(): boolean {
    return this.#hasGivenUp
  }

  /** Whether a record or a key was too long. */
  protected get hasTooLong(): boolean {
    return this.#hasTooLong || this.#readers.some((reader) => reader.hasTooLong)
  }

  protected get keyless(): readonly number[] {
    return this.#unusable
  }

  close(): void {
    this.#store?.close()
    this.#store = undefined
  }

  /** @param times how many times as many records there will probably be as were scanned */
  protected expect(times: number): void {
    this.#store?.expect(times)
  }

  /**
   * Called for each record.
   * @param from where the previous one ends; there may be blank lines before its start
   * @param start below 0 if it is not known
   */
  protected pass(_source: number, _bytes: Uint8Array, _from: number, _start: number, _end: number): void {}

  #newStore(bytesPerRecord: number): KeyStore | undefined {
    const expected = (this.#bytes ?? 0) / bytesPerRecord
    return KeyStore.canHold(expected) ? new KeyStore() : undefined
  }

  /**
   * @returns false if the keys cannot be compared by their bytes, or have no room
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  #addAll(store: KeyStore, source: number, bytes: Uint8Array, records: number): boolean {
    const { list } = store
    const reader = this.#readers[source] as KeyReader
    const starts = this.#starts
    let passed = 0
    for (let index = 0; index < records; index += 1) {
      const start = starts[index] as number
      const next = index + 1 < records ? (starts[index + 1] as number) : -1
      const limit = next < 0 ? bytes.length : next
      this.pass(source, bytes, passed, start, limit)
      passed = limit
      if (!store.makeRoom(reader.mostBytes)) return false
      // The start of a record that is too long is not known. Such a record is rejected.
      const length = start < 0 ? 0 : reader.read(bytes, start, limit, list.texts, list.end)
      if (start < 0) this.#hasTooLong = true
      if (length === 0) this.#unusable.push(this.#records + index)
      else list.add(length, reader.hash, this.#records + index)
    }
    return !reader.isUnusual && this.#unusable.length < MOST_UNUSABLE
  }

  protected rejectedRecords(): ReadonlySet<number> {
    return new Set(this.#ranges.flatMap(({ record, rejected }) => rejected.map((index) => record + index)))
  }

  /** The position of a staged record: staged records are numbered from the start of their range. */
  #positionOf(record: number): string {
    const range = this.#rangeOf(record)
    const index = record - range.record
    const before = countUpTo(range.rejected, (each) => each < index)
    return positionOf(range.source, range.start + index - before)
  }

  /** The last range whose first record is not behind this one. */
  #rangeOf(record: number): ScannedRange {
    return this.#ranges[countUpTo(this.#ranges, (each) => each.record <= record) - 1] as ScannedRange
  }
}

/** How many elements of a sorted list are before a place, by binary search. @param isBefore true for these, which come first */
function countUpTo<Element>(sorted: readonly Element[], isBefore: (element: Element) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(sorted[middle] as Element)) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a step succeeds; it does not without a temporary file. */
function isPossible(step: () => boolean): boolean {
  try {
    return step()
  } catch (error) {
    if (error instanceof DasyError && error.code === 'TEMPORARY_FILE_FAILED') return false
    throw error
  }
}
