import { KeyReader, LONGEST_KEY } from '../csv/key-reader.js'
import { ExactReader } from '../source/exact-reader.js'
import { openReader, type RangeReader } from '../source/reader.js'
import type { SourceLocation } from '../source/source.js'
import { GroupCounts } from './group-counts.js'
import type { SourcePlan } from './load-plan.js'
import type { RecordPlace } from './record-parts.js'

/** Bytes that are read at a time, but of longer records. */
const CHUNK = 256 * 1024

/** A source whose records are counted. */
interface CountedSource {
  readonly name: string
  /** Reads the value of a record. */
  readonly values: KeyReader
  /** To read records again. @throws DasyError FILE_UNREADABLE, SOURCE_CHANGED */
  open(): RangeReader
}

/**
 * Counts records by the values of a column: all of them while they are scanned, then not those that are not staged. It gives up if
 * a value is too long, or if there are too many; the database then counts them.
 */
export class GroupCounter {
  readonly #sources: readonly CountedSource[]
  #counts: GroupCounts | undefined = new GroupCounts()
  readonly #value = new Uint8Array(LONGEST_KEY + 1)
  /** There may be many sources, so one is open at a time. */
  #opened: { readonly source: number; readonly reader: RangeReader } | undefined
  /** Its bytes between two offsets, read again. */
  #chunk = new Uint8Array(CHUNK)
  #from = 0
  #behind = 0

  /** @param sources by their ordinals */
  constructor(sources: readonly CountedSource[]) {
    this.#sources = sources
  }

  /**
   * @param plans of the sources, by their ordinals: all can be read where they are
   * @param column the number of the staging column that is counted, from 1
   */
  static of(plans: readonly SourcePlan[], column: number): GroupCounter {
    const sources = plans.map(({ name, location, dialect, staged }) => ({
      name,
      values: new KeyReader(dialect, [{ index: staged.indexOf(column), isInteger: false }]),
      open: () => openReader(location as SourceLocation),
    }))
    return new GroupCounter(sources)
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
    if (this.#counts?.expect(times) === false) this.giveUp()
  }

  /** Counts the record between two offsets in `bytes`, which a scan has passed. */
  add(source: number, bytes: Uint8Array, start: number, end: number): void {
    this.#count(source, bytes, start, end, 1)
  }

  /**
   * Counts records again: they are staged after all, or they are not.
   * @param places in the order of the sources, and of the records in them
   * @param by 1 or -1
   * @throws DasyError FILE_UNREADABLE, SOURCE_CHANGED, READ_FAILED
   */
  correct(places: Iterable<RecordPlace>, by: 1 | -1): void {
    for (const place of places) {
      if (!this.#counts) return
      this.#count(place.source, this.#read(place), 0, place.end - place.start, by)
    }
  }

  close(): void {
    this.giveUp()
    this.#opened?.reader.close()
    this.#opened = undefined
  }

  #read({ source, start, end }: RecordPlace): Uint8Array {
    const reader = this.#open(source)
    if (start < this.#from || end > this.#behind) this.#fill(reader, source, start, end)
    return this.#chunk.subarray(start - this.#from, end - this.#from)
  }

  #open(source: number): RangeReader {
    if (this.#opened?.source === source) return this.#opened.reader
    this.#opened?.reader.close()
    this.#opened = undefined
    const reader = (this.#sources[source] as CountedSource).open()
    this.#opened = { source, reader }
    this.#behind = 0
    return reader
  }

  /** Records that follow are probably near, so more than one is read. */
  #fill(reader: RangeReader, source: number, start: number, end: number): void {
    if (end - start > this.#chunk.length) this.#chunk = new Uint8Array(end - start)
    const length = reader.read(this.#chunk, start)
    this.#from = start
    this.#behind = start + length
    if (this.#behind >= end) return
    const { name } = this.#sources[source] as CountedSource
    throw new ExactReader(reader, name).changed(`it now ends at byte ${this.#behind}`)
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
  }
}
