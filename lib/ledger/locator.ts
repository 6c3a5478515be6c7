import { recordsBetween } from '../csv/records.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import type { Source } from '../source/source.js'
import { RangeReaders } from './range-readers.js'
import { Reconstructor } from './reconstructor.js'
import { type RecordOffset, RecordOffsets, readRecordOffsets, type StartedRange } from './record-offsets.js'
import { unstagedRejects } from './rejects.js'
import type { StagedPosition } from './staged-position.js'

export type { StagedPosition } from './staged-position.js'

/** A record of a source, and where it is. */
export interface LocatedRecord {
  readonly file: string
  readonly source: number
  readonly byte: number
  readonly line: number
  readonly record: Buffer
}

/** A staged range, as the ledger records it. */
interface StoredRange {
  readonly start: number
  readonly end: number
  readonly line: number
  /** The offsets of its records, if its source is a stream. */
  readonly places: Buffer | null
}

/** A record of a range that is read again. */
interface ReadRecord extends RecordOffset {
  readonly bytes?: Buffer
}

/**
 * Finds the records of staged positions in their sources, by reading their ranges again. Locate positions in ascending order:
 * each range is then read only once.
 */
export class Locator {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #readers: RangeReaders
  readonly rewriter: Reconstructor
  #offsets: RecordOffsets | undefined
  #source = -1
  #range: StoredRange | undefined
  #records: Iterator<ReadRecord> | undefined
  /** The offsets of records of the range that were not staged, so they have no number. */
  #unstaged: ReadonlySet<number> = new Set()
  /** The number of the next staged record. */
  #next = 0

  constructor(session: Session, plan: LoadPlan, sources: readonly Source[]) {
    this.#session = session
    this.#plan = plan
    this.#readers = new RangeReaders(plan, sources)
    this.rewriter = new Reconstructor(session, plan)
  }

  async locate({ source, place, rewritten }: StagedPosition): Promise<LocatedRecord> {
    const range = this.#range
    const isAhead = range && source === this.#source && place < range.end && place - range.start >= this.#next
    if (!isAhead) await this.#open(source, place)
    const { start } = this.#range as StoredRange
    for (;;) {
      const { value, done } = (this.#records as Iterator<ReadRecord>).next()
      if (done) throw new Error(`no record at place ${place} of source ${source}`)
      if (this.#unstaged.has(value.byte)) continue
      if (this.#next++ < place - start) continue
      const { byte, line, bytes } = value as ReadRecord
      const file = this.#plan.sources[source]?.name ?? ''
      return { file, source, byte, line, record: Buffer.from(bytes ?? rewritten ?? '') }
    }
  }

  /**
   * The offsets of the records of a range, by reading it again. Not while a record is located.
   * @throws DasyError SOURCE_CHANGED and others, if it cannot be read
   */
  async offsetsOf(range: StartedRange & { readonly source: number }): Promise<Buffer> {
    const { read } = await this.#readers.open(range)
    this.#range = undefined
    this.#offsets ??= new RecordOffsets()
    return this.#offsets.of(range, this.#plan.sources[range.source] as SourcePlan, read)
  }

  close(): void {
    this.#readers.close()
    this.#range = undefined
  }

  async #open(source: number, place: number): Promise<void> {
    const { run, sources } = this.#plan
    const range = await this.#session.row<StoredRange>(statement('ledger/find_range'), [run, source, place])
    const plan = sources[source]
    if (!plan || !range) throw new Error(`no range has place ${place} of source ${source}`)
    this.#unstaged = new Set(await unstagedRejects(this.#session, run, source, range.start, range.end))
    this.#records = await this.#recordsOf(source, plan, range)
    this.#source = source
    this.#range = range
    this.#next = 0
  }

  async #recordsOf(source: number, plan: SourcePlan, range: StoredRange): Promise<Iterator<ReadRecord>> {
    const { start, end, line, places } = range
    if (places && !plan.repeatable) return readRecordOffsets(places, { byte: start, line })
    const { read } = await this.#readers.open({ source, start, end })
    return recordsBetween({ offset: start, line }, end, { ...plan, read })
  }
}
