import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../base/backoff.js'
import type { Connection } from '../db/client.js'
import { sqlState } from '../db/failures.js'
import { joinRun } from '../db/locks.js'
import { isTransient, withoutRetry } from '../db/retry.js'
import { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { openReader, type RangeReader } from '../source/reader.js'
import { Loader } from './loader.js'
import type { Loaded } from './protocol.js'

/** The ledger refuses a range that it has already: the COMMIT succeeded, but its answer was lost. */
const UNIQUE_VIOLATION = '23505'

/** The loader of a worker. If its connection breaks, it opens another one and stages the range again. */
export class ReconnectingLoader {
  readonly #ordinal: number
  #connection: Connection | undefined
  /** The first one is opened while the main thread still prepares the sources. */
  #session: Promise<Session> | undefined
  #loader: Loader | undefined
  #readers: (RangeReader | undefined)[] = []
  #plan: LoadPlan | undefined

  constructor(ordinal: number) {
    this.#ordinal = ordinal
  }

  connect(connection: Connection): void {
    this.#connection = connection
    this.#session = this.#connect()
  }

  /** @throws DasyError if the database cannot be reached or a source cannot be opened */
  async begin(plan: LoadPlan): Promise<void> {
    this.#plan = plan
    this.#readers = plan.sources.map(({ location }) => location && openReader(location))
    await this.#ready()
  }

  /**
   * Stages a range, once. Retries lost connections and other temporary failures for `retryMs`. Before each retry it
   * asks the ledger whether a COMMIT whose answer was lost has succeeded.
   */
  async load(range: Range): Promise<Loaded> {
    const backoff = new Backoff(this.#begun.retryMs)
    for (let retries = 0; ; retries++) {
      try {
        const loader = await this.#ready()
        const staged = retries > 0 ? await this.#staged(range) : undefined
        return staged ?? (await loader.load(range))
      } catch (error) {
        if (!isTransient(error) && sqlState(error) !== UNIQUE_VIOLATION) throw error
        const delay = backoff.next()
        if (delay === undefined) throw withoutRetry(error)
        await this.#disconnect()
        await sleep(delay)
      }
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.splice(0)) reader?.close()
    await this.#disconnect()
  }

  get #begun(): LoadPlan {
    return this.#plan as LoadPlan
  }

  async #ready(): Promise<Loader> {
    this.#session ??= this.#connect()
    const session = await this.#session
    this.#loader ??= await this.#prepare(session)
    return this.#loader
  }

  async #prepare(session: Session): Promise<Loader> {
    await joinRun(session, this.#begun.run)
    return new Loader(session, this.#begun, this.#readers, this.#ordinal)
  }

  async #staged({ source, start, end }: Range): Promise<Loaded | undefined> {
    const session = (await this.#session) as Session
    const values = [this.#begun.run, source, start, end]
    const row = await session.row<{ records: number; rejected: number }>(
      statement('load/find_staged_range'),
      values,
    )
    const rejectedRecords = row?.rejected === 0 ? [] : undefined
    return row && { records: row.records, rejectedRecords, isSalvaged: true }
  }

  #connect(): Promise<Session> {
    const name = `dasy worker ${this.#ordinal}`
    const session = Session.open(this.#connection as Connection, name, undefined, this.#plan?.retryMs)
    session.catch(() => {}) // #ready() reports it
    return session
  }

  async #disconnect(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#loader = undefined
    await session?.then((open) => open.close()).catch(() => {})
  }
}
