import { KeyReader, LONGEST_KEY } from '../csv/key-reader.js'
import { ExactReader } from '../source/exact-reader.js'
import { openReader, type RangeReader } from '../source/reader.js'
import type { SourceLocation } from '../source/source.js'
import { GroupCounts } from './group-counts.js'
import type { SourcePlan } from './load-plan.js'
import type { RecordPlace } from './located-keys.js'

/** Bytes that are read at a time, but of longer records. */
const CHUNK = 256 * 1024

/** A source whose records are counted. */
interface CountedSource {
  readonly name: string
  readonly file: RangeReader
  /** Reads the value of a record. */
  readonly values: KeyReader
}

/**
 * Counts records by the values of a column: all of them while they are scanned, then not those that are not staged. It gives up if
 * a value is too long, or if there are too many; the database then counts them.
 */
export class GroupCounter {
  readonly #sources: CountedSource[]
  #counts: GroupCounts | undefined = new GroupCounts()
  #chunk = new Uint8Array(CHUNK)
  readonly #value = new Uint8Array(LONGEST_KEY + 1)

  /** @param sources by their ordinals; it closes them */
  constructor(sources: readonly CountedSource[]) {
    this.#sources = [...sources]
  }

  /**
   * @param plans of the sources, by their ordinals: all can be read where they are
   * @param column the number of the staging column that is counted, from 1
   * @throws DasyError FILE_UNREADABLE, SOURCE_CHANGED
   */
  static of(plans: readonly SourcePlan[], column: number): GroupCounter {
    const sources: CountedSource[] = []
    try {
      for (const { name, location, dialect, staged } of plans) {
        const values = new KeyReader(dialect, [{ index: staged.indexOf(column), isInteger: false }])
        sources.push({ name, file: openReader(location as SourceLocation), values })
      }
      return new GroupCounter(sources)
    } catch (error) {
      for (const { file } of sources) file.close()
      throw error
    }
  }

  /** Undefined if it has given up. */
  get counts(): GroupCounts | undefined {
    return this.#counts
  }

  giveUp(): void {
    this.#counts = undefined
  }

  /** @param times how many times as many records there will probably be as were counted */
  expect(times: number): void {
    this.#counts?.expect(times)
  }

  /** Counts the record between two offsets in `bytes`, which a scan has passed, or that has to be added after all. */
  add(source: number, bytes: Uint8Array, start: number, end: number): void {
    this.#count(source, bytes, start, end, 1)
  }

  /**
   * Counts records of a source again: they are staged after all, or they are not.
   * @param by 1 or -1
   * @throws DasyError SOURCE_CHANGED, READ_FAILED
   */
  correct(places: Iterable<RecordPlace>, by: 1 | -1): void {
    let [chunkOf, from, behind] = [-1, 0, 0]
    for (const { source, start, end } of places) {
      if (!this.#counts) return
      if (chunkOf !== source || start < from || end > behind) {
        // Those that follow are probably near.
        ;[chunkOf, from, behind] = [source, start, this.#fill(source, start, end)]
      }
      this.#count(source, this.#chunk, start - from, end - from, by)
    }
  }

  close(): void {
    this.giveUp()
    for (const { file } of this.#sources.splice(0)) file.close()
  }

  #fill(source: number, start: number, end: number): number {
    if (end - start > this.#chunk.length) this.#chunk = new Uint8Array(2 * (end - start))
    const { name, file } = this.#sources[source] as CountedSource
    const length = file.read(this.#chunk, start)
    // It says that the source has changed.
    if (start + length < end) new ExactReader(file, name).read(this.#chunk.subarray(0, end - start), start)
    return start + length
  }

  #count(source: number, bytes: Uint8Array, start: number, end: number, by: 1 | -1): void {
    const counts = this.#counts
    if (!counts) return
    const { values } = this.#sources[source] as CountedSource
    const length = values.read(bytes, start, end, this.#value, 0)
    if (length > 0) {
      if (!counts.add(this.#value, length, values.hash, by)) this.giveUp()
    } else if (values.hasTooLong) this.giveUp()
    else if (values.isEmptyText) counts.addEmpty(by)
    else counts.addNull(by)
    values.isEmptyText = false
  }
}
