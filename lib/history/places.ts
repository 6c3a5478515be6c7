import type { Session } from '../db/session.js'
import { type Fragment, query, statement } from '../db/sql.js'
import { type RecordOffset, readRecordOffsets } from '../ledger/record-offsets.js'
import { unstagedRejects } from '../ledger/rejects.js'

/** A staged range with changed records. */
export interface TouchedRange {
  readonly source: number
  readonly start: number
  readonly end: number
  readonly line: number
  /** Whether the offsets of its records were stored when it was staged. */
  readonly stored: boolean
}

/**
 * The staged ranges of a run with records that change something.
 * @param changed a table with their positions
 */
export async function touchedRanges(
  session: Session,
  run: number,
  changed: Fragment,
): Promise<TouchedRange[]> {
  return await session.rows<TouchedRange>(statement('history/touched_ranges', { changed }), [run])
}

/** A range and the offsets of its records; none if they were stored when it was staged. */
export interface ReadRange {
  readonly range: TouchedRange
  readonly places: Uint8Array | undefined
}

/** Keeps the offsets of the records of ranges beyond the run's staging. */
export async function keepPlaces(session: Session, run: number, ranges: readonly ReadRange[]): Promise<void> {
  const sources = ranges.map(({ range }) => range.source)
  const starts = ranges.map(({ range }) => range.start)
  // One parameter for all bytes: as such they are sent as they are, in an array as hexadecimal text.
  const bytes = Buffer.concat(ranges.map(({ places }) => places ?? new Uint8Array()))
  const lengths = ranges.map(({ places }) => places?.length ?? null)
  let next = 1
  const firsts = lengths.map((length) => {
    const first = next
    next += length ?? 0
    return first
  })
  await session.run(statement('history/keep_places'), [run, sources, starts, bytes, firsts, lengths])
}

interface KeptRange {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly places: Buffer
}

/** Finds where changed records are. Ask in ascending order: the records of a range are then counted only once. */
export class PlaceReader {
  readonly #session: Session
  readonly #run: number
  #source = -1
  #range: KeptRange | undefined
  #records: Iterator<RecordOffset> | undefined
  #unstaged: ReadonlySet<number> = new Set()
  /** The number in its range of the record that was read last. */
  #at = -1
  #last: RecordOffset | undefined

  constructor(session: Session, run: number) {
    this.#session = session
    this.#run = run
  }

  /** @returns undefined if it is not known */
  async find(source: number, place: number): Promise<RecordOffset | undefined> {
    const isHere =
      this.#source === source && this.#range && place >= this.#range.start && place < this.#range.end
    if (!isHere || place - (this.#range as KeptRange).start < this.#at) await this.#open(source, place)
    if (!this.#range) return undefined
    const wanted = place - this.#range.start
    while (this.#at < wanted) {
      const { value, done } = (this.#records as Iterator<RecordOffset>).next()
      if (done) return undefined
      if (this.#unstaged.has(value.byte)) continue
      this.#at += 1
      this.#last = value
    }
    return this.#last
  }

  async #open(source: number, place: number): Promise<void> {
    const values = [this.#run, source, place]
    const range = await this.#session.row<KeptRange>(statement('history/find_kept_range'), values)
    this.#source = source
    this.#range = range
    this.#at = -1
    this.#last = undefined
    if (!range) return
    const { start, end, line, places } = range
    this.#unstaged = new Set(await unstagedRejects(this.#session, this.#run, source, start, end))
    this.#records = readRecordOffsets(places, { byte: start, line })
  }
}

/** Deletes the kept offsets of a run. */
export async function forgetPlaces(session: Session, run: number): Promise<void> {
  await session.run(query`DELETE FROM dasy.change_ranges WHERE run = $1`, [run])
}
