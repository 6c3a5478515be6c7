import { recordsBetween } from '../csv/records.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import { ExactReader } from '../source/exact-reader.js'
import { BlockReader, openReader, type RangeReader } from '../source/reader.js'
import type { Source } from '../source/source.js'
import { Reconstructor } from './reconstructor.js'
import { type RecordOffset, readRecordOffsets } from './record-offsets.js'
import { unstagedRejects } from './rejects.js'

/** A record's place in its source, as staging knows it: the start of its range plus its number in it. */
export interface StagedPosition {
  readonly source: number
  readonly place: number
  /** The record written anew from its fields, where its source cannot be read again. */
  readonly rewritten?: Buffer | undefined
}

/** What stands at a place of a source. */
export interface LocatedRecord {
  readonly file: string
  readonly source: number
  readonly byte: number
  readonly line: number
  readonly record: Buffer
}

interface Piece {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly places: Buffer | null
}

/** What is known of a record when its piece is looked through again. */
interface FoundRecord extends RecordOffset {
  readonly bytes?: Buffer
}

/**
 * Translates positions in staging back to the records of the source, by reading their ranges again. Ask in
 * the order of the file: neighbours then share one reading.
 */
export class Locator {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #sources: readonly Source[]
  readonly rewriter: Reconstructor
  #reader: RangeReader | undefined
  #source = -1
  #piece: Piece | undefined
  #records: Iterator<FoundRecord> | undefined
  /** Bytes where the records begin that COPY did not get: it numbered the others. */
  #unstaged: ReadonlySet<number> = new Set()
  #next = 0

  constructor(session: Session, plan: LoadPlan, sources: readonly Source[]) {
    this.#session = session
    this.#plan = plan
    this.#sources = sources
    this.rewriter = new Reconstructor(session, plan)
  }

  async locate({ source, place, rewritten }: StagedPosition): Promise<LocatedRecord> {
    const piece = this.#piece
    const goesOn = piece && source === this.#source && place < piece.end && place - piece.start >= this.#next
    if (!goesOn) await this.#open(source, place)
    const { start } = this.#piece as Piece
    for (;;) {
      const { value, done } = (this.#records as Iterator<FoundRecord>).next()
      if (done) throw new Error(`no record at place ${place} of source ${source}`)
      if (this.#unstaged.has(value.byte)) continue
      if (this.#next++ < place - start) continue
      const { byte, line, bytes } = value as FoundRecord
      const file = this.#plan.sources[source]?.name ?? ''
      return { file, source, byte, line, record: Buffer.from(bytes ?? rewritten ?? '') }
    }
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
    this.#piece = undefined
  }

  async #open(source: number, place: number): Promise<void> {
    const { run, sources } = this.#plan
    const piece = await this.#session.row<Piece>(statement('ledger/find_range'), [run, source, place])
    const plan = sources[source]
    if (!plan || !piece) throw new Error(`no range holds place ${place} of source ${source}`)
    if (source !== this.#source) this.close()
    this.#unstaged = new Set(await unstagedRejects(this.#session, run, source, piece.start, piece.end))
    this.#records = await this.#recordsOf(source, plan, piece)
    this.#source = source
    this.#piece = piece
    this.#next = 0
  }

  async #recordsOf(source: number, plan: SourcePlan, piece: Piece): Promise<Iterator<FoundRecord>> {
    const { start, end, line, places } = piece
    if (places) return readRecordOffsets(places, { byte: start, line })
    const reader = plan.location ? this.#fileReader(plan.location) : await this.#again(source, piece)
    const { read } = new ExactReader(reader, plan.name)
    return recordsBetween({ offset: start, line }, end, { ...plan, read })
  }

  #fileReader(location: NonNullable<SourcePlan['location']>): RangeReader {
    this.#reader ??= openReader(location)
    return this.#reader
  }

  /** Of text that comes in one order: taken once more, up to this piece. */
  async #again(source: number, { start, end }: Piece): Promise<RangeReader> {
    const block = new Uint8Array(end - start)
    const length = await (this.#sources[source] as Source).read(block, start)
    return new BlockReader(block.subarray(0, length), start)
  }
}
