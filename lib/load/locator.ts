import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { unstagedRejects } from '../ledger/rejects.js'
import { recordsBetween, type SourceRecord } from '../ranges/records.js'
import { openReader, type RangeReader } from '../source/reader.js'
import { FilledReader } from './filled.js'
import type { LoadPlan } from './protocol.js'

/** A record's place in its source, as staging knows it: the start of its range plus its number in it. */
export interface Place {
  readonly source: number
  readonly place: number
}

/** What stands at a place of a source. */
export interface Located {
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
}

/**
 * Translates positions in staging back to the records of the source, by reading their ranges again. Ask in
 * the order of the file: neighbours then share one reading.
 */
export class Locator {
  readonly #session: Session
  readonly #plan: LoadPlan
  #reader: RangeReader | undefined
  #source = -1
  #piece: Piece | undefined
  #records: Iterator<SourceRecord> | undefined
  /** Bytes where the records begin that COPY did not get: it numbered the others. */
  #unstaged: ReadonlySet<number> = new Set()
  #next = 0

  constructor(session: Session, plan: LoadPlan) {
    this.#session = session
    this.#plan = plan
  }

  async locate({ source, place }: Place): Promise<Located> {
    const piece = this.#piece
    const goesOn = piece && source === this.#source && place < piece.end && place - piece.start >= this.#next
    if (!goesOn) await this.#open(source, place)
    const { start } = this.#piece as Piece
    for (;;) {
      const { value, done } = (this.#records as Iterator<SourceRecord>).next()
      if (done) throw new Error(`no record at place ${place} of source ${source}`)
      if (this.#unstaged.has(value.byte)) continue
      if (this.#next++ < place - start) continue
      const { byte, line, bytes } = value as SourceRecord
      const file = this.#plan.sources[source]?.name ?? ''
      return { file, source, byte, line, record: Buffer.from(bytes) }
    }
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
    this.#piece = undefined
  }

  async #open(source: number, place: number): Promise<void> {
    const { run, sources, dialect, maxRecord } = this.#plan
    const location = sources[source]
    const piece = await this.#session.row<Piece>(statement('ledger/find_range'), [run, source, place])
    if (!location || !piece) throw new Error(`no range holds place ${place} of source ${source}`)
    if (source !== this.#source || !this.#reader) {
      this.close()
      this.#reader = openReader(location)
    }
    const { read } = new FilledReader(this.#reader, location.name)
    this.#unstaged = new Set(await unstagedRejects(this.#session, run, source, piece.start, piece.end))
    this.#source = source
    this.#piece = piece
    this.#next = 0
    const start = { offset: piece.start, line: piece.line }
    this.#records = recordsBetween(start, piece.end, { dialect, maxRecord, read })
  }
}
