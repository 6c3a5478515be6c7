import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { type Reject, recordRejects } from '../ledger/rejects.js'
import type { Range } from '../ranges/range.js'
import { recordsBetween } from '../ranges/records.js'
import type { RangeReader } from '../source/reader.js'
import { copyInto } from './copy-stream.js'
import type { Loaded, LoadPlan } from './protocol.js'
import { cleanCopyText } from './salvage.js'
import { copyStatement, positionOf, sequenceName } from './staging.js'

/** Bytes read and sent at a time; larger than a socket's buffer, so that every write waits for the kernel. */
const CHUNK = 256 * 1024

/** Stages ranges through one session, one after the other, each in a transaction of its own. */
export class Loader {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #readers: readonly RangeReader[]
  readonly #copyText: string
  readonly #sequence: string
  readonly #chunk = new Uint8Array(CHUNK)

  constructor(session: Session, plan: LoadPlan, readers: readonly RangeReader[], worker: number) {
    this.#session = session
    this.#plan = plan
    this.#readers = readers
    this.#copyText = copyStatement(plan, worker)
    this.#sequence = sequenceName(plan.run, worker)
  }

  /**
   * A clean range goes into COPY as it stands. One that the scan flagged, or that COPY refuses or counts
   * differently, is read again record by record.
   */
  async load(range: Range): Promise<Loaded> {
    if (range.flagged) return this.#salvage(range)
    try {
      return await this.#stage(range, this.#bytesOf(range), range.records, [])
    } catch (error) {
      if (isRefusal(error)) return this.#salvage(range)
      throw error
    }
  }

  async #salvage(range: Range): Promise<Loaded> {
    const { columns, dialect, maxRecord } = this.#plan
    const reader = this.#reader(range)
    const rejects: Reject[] = []
    const records = recordsBetween({ offset: range.start, line: range.line }, range.end, {
      dialect,
      maxRecord,
      read: (into, offset) => reader.read(into, offset),
    })
    const text = cleanCopyText(records, columns, dialect, ({ byte, line }, reason, record) => {
      rejects.push({ source: range.source, byte, line, reason, record })
    })
    return this.#stage(range, text, range.records, rejects).catch((error) => {
      throw isRefusal(error) ? refused(range, this.#plan, error) : error
    })
  }

  /** Rows, rejects and the ledger's entry are committed together or not at all. */
  async #stage(
    range: Range,
    chunks: Iterable<Uint8Array>,
    records: number,
    rejects: readonly Reject[],
  ): Promise<Loaded> {
    const session = this.#session
    return session.transaction(async () => {
      await session.run(statement('load/set_position'), [
        this.#sequence,
        positionOf(range.source, range.start),
      ])
      const staged = await copyInto(session, this.#copyText, chunks)
      if (staged + rejects.length !== records) throw new MiscountedRange(range, staged + rejects.length)
      await recordRejects(session, this.#plan.run, rejects)
      const { source, start, end, line, nextLine } = range
      await session.run(statement('load/record_range'), [
        this.#plan.run,
        source,
        start,
        end,
        line,
        nextLine,
        records,
        rejects.length,
      ])
      return { records, rejected: rejects.length }
    })
  }

  *#bytesOf({ source, start, end }: Range): Generator<Uint8Array> {
    const reader = this.#reader({ source })
    for (let at = start; at < end; ) {
      const length = reader.read(this.#chunk.subarray(0, Math.min(CHUNK, end - at)), at)
      if (length === 0) throw shrunk(this.#plan, source, at)
      yield this.#chunk.subarray(0, length)
      at += length
    }
  }

  #reader({ source }: { source: number }): RangeReader {
    return this.#readers[source] as RangeReader
  }
}

/** COPY and the scan disagree about how many records a range holds: it is not taken as COPY saw it. */
class MiscountedRange extends Error {
  constructor(range: Range, staged: number) {
    super(`COPY saw ${staged} records in bytes ${range.start}-${range.end}, the scan ${range.records}`)
  }
}

/**
 * What COPY says of bad data: class 22 (bad copy file format, invalid text), 54 (a limit, such as a field of
 * 1 GB), or success with another number of rows, as PostgreSQL 15 to 17 do at a line that is just `\.`.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof MiscountedRange || /^(22|54)/.test(sqlState(error) ?? '')
}

function refused(range: Range, plan: LoadPlan, error: Error): DasyError {
  const file = plan.sources[range.source]?.name
  return new DasyError(
    'RANGE_REFUSED',
    `${file}: PostgreSQL refuses the records from line ${range.line} on (bytes ${range.start} to ${range.end}): ${error.message}`,
    {
      hint: 'Mend or take out the record.',
      details: { file, line: range.line, byte: range.start },
      cause: error,
    },
  )
}

function shrunk(plan: LoadPlan, source: number, at: number): DasyError {
  const file = plan.sources[source]?.name
  return new DasyError('SOURCE_CHANGED', `${file} became shorter while it was read, at byte ${at}`, {
    hint: 'Wait until the file is complete, then run the command again.',
    details: { file, byte: at },
  })
}
