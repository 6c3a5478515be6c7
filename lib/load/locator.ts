import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { KEPT_BYTES } from '../ledger/rejects.js'
import { recordsBetween, type SourceRecord } from '../ranges/records.js'
import { openReader, type RangeReader } from '../source/reader.js'
import type { LoadPlan } from './protocol.js'
import { faultOf } from './verdict.js'

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
      // COPY got only the records that are none of the rejected ones, and numbered those.
      if (faultOf(value, this.#plan.columns, this.#plan.dialect) !== undefined) continue
      if (this.#next++ < place - start) continue
      const file = this.#plan.sources[source]?.name ?? ''
      return {
        file,
        source,
        byte: value.byte,
        line: value.line,
        record: Buffer.from(value.bytes.subarray(0, KEPT_BYTES)),
      }
    }
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
    this.#piece = undefined
  }

  async #open(source: number, place: number): Promise<void> {
    const location = this.#plan.sources[source]
    const piece = await this.#session.row<Piece>(statement('ledger/find_range'), [
      this.#plan.run,
      source,
      place,
    ])
    if (!location || !piece) throw new Error(`no range holds place ${place} of source ${source}`)
    if (source !== this.#source || !this.#reader) {
      this.close()
      this.#reader = openReader(location)
    }
    const reader = this.#reader
    this.#source = source
    this.#piece = piece
    this.#next = 0
    const { dialect, maxRecord } = this.#plan
    this.#records = recordsBetween({ offset: piece.start, line: piece.line }, piece.end, {
      dialect,
      maxRecord,
      read: (into, offset) => reader.read(into, offset),
    })
  }
}
