import { isForeignToCopy } from '../csv/for-copy.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { taken } from '../ledger/run-ledger.js'
import type { Range } from '../ranges/range.js'
import type { RangeReader } from '../source/reader.js'
import { copyInto } from './copy-stream.js'
import { FilledReader } from './filled.js'
import type { Loaded, LoadPlan } from './protocol.js'
import { isRefusal, Miscounted } from './refusal.js'
import { Salvage } from './salvage.js'
import { copyStatement, positionOf, sequenceName } from './staging.js'

/** Bytes read and sent at a time; larger than a socket's buffer, so that every write waits for the kernel. */
const CHUNK = 256 * 1024

/** Stages ranges through one session, one after the other, each in a transaction of its own. */
export class Loader {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #readers: readonly FilledReader[]
  readonly #worker: number
  readonly #copyText: string
  readonly #sequence: string
  readonly #chunk = new Uint8Array(CHUNK)

  constructor(session: Session, plan: LoadPlan, readers: readonly RangeReader[], worker: number) {
    this.#session = session
    this.#plan = plan
    this.#readers = plan.sources.map(
      ({ name }, ordinal) => new FilledReader(readers[ordinal] as RangeReader, name),
    )
    this.#worker = worker
    this.#copyText = copyStatement(plan, worker)
    this.#sequence = sequenceName(plan.run, worker)
  }

  /**
   * A clean range goes into COPY as it stands. One that the scan flagged, that COPY refuses or counts differently, or
   * in which a NULL word or blanks to leave out may stand, is looked through.
   */
  async load(range: Range): Promise<Loaded> {
    if (range.flagged || isForeignToCopy(this.#plan)) return this.#salvage(range)
    try {
      return await this.#stage(range)
    } catch (error) {
      if (isRefusal(error)) return this.#salvage(range)
      throw error
    }
  }

  /** Rows, rejects and the ledger's entry are committed together or not at all. */
  async #stage(range: Range): Promise<Loaded> {
    const session = this.#session
    return session.transaction(async () => {
      const position = positionOf(range.source, range.start)
      await session.run(statement('load/set_position'), [this.#sequence, position])
      const copied = await copyInto(session, this.#copyText, this.#bytesOf(range))
      if (copied !== range.records) throw new Miscounted(copied, range.records)
      return this.#record(range, 0)
    })
  }

  async #salvage(range: Range): Promise<Loaded> {
    const session = this.#session
    return session.transaction(async () => {
      const reader = this.#readers[range.source] as FilledReader
      const salvage = new Salvage(session, this.#plan, this.#worker, range, reader.read)
      await salvage.run()
      const { records, rejected } = salvage
      if (records !== range.records) {
        throw reader.changed(
          `bytes ${range.start} to ${range.end} held ${range.records} records, then ${records}`,
        )
      }
      return this.#record(range, rejected)
    })
  }

  async #record({ source, start, end, line, nextLine, records }: Range, rejected: number): Promise<Loaded> {
    const recorded = await this.#session.run(statement('load/record_range'), [
      this.#plan.run,
      source,
      start,
      end,
      line,
      nextLine,
      records,
      rejected,
      this.#plan.attempt,
    ])
    if (recorded === 0) throw taken(this.#plan.run)
    return { records, rejected }
  }

  *#bytesOf({ source, start, end }: Range): Generator<Uint8Array> {
    const { read } = this.#readers[source] as FilledReader
    for (let at = start; at < end; at += CHUNK) {
      const chunk = this.#chunk.subarray(0, Math.min(CHUNK, end - at))
      read(chunk, at)
      yield chunk
    }
  }
}
