import type pg from 'pg'
import type { DasyError } from '../base/errors.js'
import { type Connection, drop, majorVersion, newClient, promisedBackend } from './client.js'
import { connectionFailure, statementFailure } from './failures.js'
import { LoneQuery } from './lone-query.js'
import { requireOwnBackend } from './pool-check.js'
import { applySettings } from './session-settings.js'
import { statement } from './sql.js'
import { traced } from './trace.js'
import { inSavepoint, inTransaction, snapshot } from './transaction.js'

/** Impatience must not keep anybody from a server that is merely far away. */
const LEAST_TIMEOUT_MS = 2000
const LIMIT_MS = 15_000

/** One connection to the database. Owns it: whoever opens a session closes it. */
export class Session {
  /** Rejects as soon as the connection is lost, which otherwise the next statement reports. */
  readonly lost: Promise<never>
  readonly #client: pg.Client
  #lost: Error | undefined
  #backend = 0
  #busySince: number | undefined
  /** Ended before the connection is. */
  readonly #companions: AsyncDisposable[] = []

  private constructor(client: pg.Client) {
    this.#client = client
    // Without a listener a server that goes away would end the process.
    this.lost = new Promise((_, reject) => {
      client.on('error', (error) => {
        this.#lost ??= error
        reject(this.failure(error))
      })
    })
    this.lost.catch(() => {})
  }

  /**
   * @param signal gives up the attempt
   * @param patienceMs gives it up as well, before the connection's own limit
   * @throws DasyError with exit status 4 if the database cannot be reached or refuses us
   */
  static async open(
    connection: Connection,
    name: string,
    signal?: AbortSignal,
    patienceMs = Number.POSITIVE_INFINITY,
  ): Promise<Session> {
    const limitMs = connection.connectTimeoutMs ?? LIMIT_MS
    const connectTimeoutMs = Math.max(LEAST_TIMEOUT_MS, Math.min(limitMs, patienceMs))
    const client = newClient(connection, name, connectTimeoutMs)
    const session = new Session(client)
    const giveUp = (): void => drop(client)
    signal?.addEventListener('abort', giveUp, { once: true })
    const began = performance.now()
    try {
      signal?.throwIfAborted()
      await client.connect()
    } catch (error) {
      const timedOut = performance.now() - began >= connectTimeoutMs
      await client.end().catch(() => {})
      throw connectionFailure(timedOut ? timeout(connectTimeoutMs) : error, connection)
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
    try {
      await session.#prepare(connection)
    } catch (error) {
      await session.close()
      throw error
    }
    return session
  }

  async #prepare(connection: Connection): Promise<void> {
    const promised = promisedBackend(this.#client)
    this.#backend = await applySettings(this, promised, majorVersion(this.#client))
    if (this.isPooled) {
      if (!connection.pooled) await requireOwnBackend(this.#client, this.#backend, connection)
      this.#backend = await applySettings(this, this.#backend, majorVersion(this.#client))
    }
    await this.run(statement('session/notice_lost_clients')).catch(() => {})
  }

  /** The process id of this session's backend. */
  get backend(): number {
    return this.#backend
  }

  /** Whether a connection pool is in between: it does not tell its clients which backend they have. */
  get isPooled(): boolean {
    return this.#backend !== promisedBackend(this.#client)
  }

  /** Since when it waits for the statement that it runs now, by `performance.now()`. */
  get busySince(): number | undefined {
    return this.#busySince
  }

  /** Has something end before the connection does. */
  accompany(companion: AsyncDisposable): void {
    this.#companions.push(companion)
  }

  /** The underlying client, for what speaks the protocol itself: a COPY stream. */
  get client(): pg.Client {
    return this.#client
  }

  /** Runs several statements. @returns the rows of each */
  async results(text: string): Promise<Record<string, unknown>[][]> {
    return [await this.#query(text, [])].flat().map(({ rows }) => rows)
  }

  async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#query(text, values)).rows as Row[]
  }

  async row<Row>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    return (await this.rows<Row>(text, values))[0]
  }

  /** Runs a statement. @returns how many rows it touched */
  async run(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0
  }

  /** Runs one statement of somebody else's. @see LoneQuery */
  async runAlone(text: string): Promise<void> {
    this.#busySince = performance.now()
    try {
      await traced(text, () => new LoneQuery(text).runOn(this.#client))
    } catch (error) {
      throw this.failure(error)
    } finally {
      this.#busySince = undefined
    }
  }

  /** @see inTransaction */
  transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    return inTransaction(this, work)
  }

  /** @see snapshot */
  snapshot(): Promise<AsyncDisposable> {
    return snapshot(this)
  }

  /** @see inSavepoint */
  savepoint<Result>(work: () => Promise<Result>): Promise<Result> {
    return inSavepoint(this, work)
  }

  /** Ends a transaction. @returns whether it was committed: one in which something failed is not, without an error */
  async commit(): Promise<boolean> {
    return (await this.#query('COMMIT', [])).command === 'COMMIT'
  }

  /** Ends the connection. Never throws: there is nothing left to do about it. */
  async close(): Promise<void> {
    for (const companion of this.#companions.splice(0)) await companion[Symbol.asyncDispose]()
    if (this.#lost) return
    await this.#client.end().catch(() => {})
  }

  /** An error of this session's client, as ours. A connection that was lost says why, unlike what fails after it. */
  failure(error: unknown): DasyError {
    return statementFailure(this.#lost ?? error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    this.#busySince = performance.now()
    try {
      // Without values the simple protocol: the migrations hold several statements a file.
      return await traced(text, () =>
        values.length > 0 ? this.#client.query(text, [...values]) : this.#client.query(text),
      )
    } catch (error) {
      throw this.failure(error)
    } finally {
      this.#busySince = undefined
    }
  }
}

function timeout(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' })
}
