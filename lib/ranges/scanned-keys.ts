import { setImmediate } from 'node:timers/promises'
import { DasyError } from '../base/errors.js'
import type { KeyReader } from '../csv/key-reader.js'
import type { Cut } from './cut.js'
import { KeyStore } from './key-store.js'
import type { Range } from './range.js'
import { type ScannedRange, ScannedRanges } from './scanned-ranges.js'

/** More records without a usable key are left to the database. */
const MOST_UNUSABLE = 100_000

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
  #ranges = new ScannedRanges()
  #records = 0
  #rejected = 0
  /** Ordinals of records without a usable key. */
  #unusable: number[] = []
  #hasTooLong = false
  /** The positions of the losers, if they were found in advance and no record was rejected. */
  #found: { readonly lastWins: boolean; readonly losers: string[] } | undefined

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
    this.#ranges = new ScannedRanges()
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
      this.#ranges.add(source, start.offset, this.#records)
    }
    const store = this.#store
    if (!store || !isPossible(() => this.#addAll(store, cut.source, bytes, records))) this.giveUp()
    else if (this.#records === 0 && this.#bytes !== undefined) this.expect(this.#bytes / bytes.length)
    this.#records += records
  }

  /** A range is staged. @param rejected the ordinals of its records that were not staged; undefined if unknown */
  staged({ source, start, records }: StagedRecords, rejected: readonly number[] | undefined): void {
    if (this.#hasGivenUp || rejected?.length === 0) return
    const range = this.#ranges.find(source, start)
    this.#rejected += rejected?.length ?? 0
    this.#found = undefined
    if (range && rejected) range.rejected = rejected
    // A record of a stream that is too long is a range of its own, which was not added.
    else if (rejected?.length !== records) this.giveUp()
  }

  /**
   * All ranges are scanned, but not all of them are staged: finds the losers in advance, in steps between which the workers get
   * their ranges. Not if the keys are in a file, because there may be too many losers for memory, nor if a record was rejected,
   * because that changes them.
   */
  async findLosers(lastWins: boolean): Promise<void> {
    const store = this.#store
    if (!store?.isInMemory) return
    const losers: string[] = []
    for (const records of store.list.losersByPart(lastWins, new Set())) {
      for (const record of records) losers.push(this.#ranges.positionOf(record))
      await setImmediate()
      if (this.#store !== store || this.#rejected > 0) return
    }
    this.#found = { lastWins, losers }
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
    const found = this.#found
    this.#found = undefined
    if (found?.lastWins === lastWins) {
      yield found.losers
      return
    }
    for (const records of this.#store.losers(lastWins, this.rejectedRecords()))
      yield records.map((record) => this.#ranges.positionOf(record))
  }

  protected *losersBut(lastWins: boolean, out: ReadonlySet<number>): Generator<number> {
    for (const records of this.#store?.losers(lastWins, out) ?? []) yield* records
  }

  /** The ranges that were scanned, in their order. */
  protected get ranges(): readonly ScannedRange[] {
    return this.#ranges.all
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
    this.#found = undefined
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
    return this.#ranges.rejectedRecords()
  }
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
