import pg from 'pg'
import type { DasyError } from '../errors.js'
import { OWN_SCHEMA } from '../own-schema.js'
import { connectionFailure, statementFailure } from './failures.js'
import { LoneQuery } from './lone-query.js'
import { statement } from './sql.js'
import { traced } from './trace.js'

/** Node's TLS options as plain data; `verifyHost: false` is libpq's verify-ca. */
export type Tls = boolean | (Record<string, unknown> & { readonly verifyHost?: boolean })

/** Where a session goes: plain data, so that it can be handed to a worker thread. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
  readonly ssl?: Tls
  readonly options?: string
  readonly connectTimeoutMs?: number
}

// bigint (counts and byte offsets, all far below 2^53) as numbers.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** Impatience must not keep anybody from a server that is merely far away. */
const LEAST_TIMEOUT_MS = 2000

/** One connection to the database. Owns it: whoever opens a session closes it. */
export class Session {
  /** Rejects as soon as the connection is lost, which otherwise the next statement reports. */
  readonly lost: Promise<never>
  readonly #client: pg.Client
  #lost: Error | undefined

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
    const { connectTimeoutMs: limitMs = 15_000, ssl, ...settings } = connection
    const connectTimeoutMs = Math.max(LEAST_TIMEOUT_MS, Math.min(limitMs, patienceMs))
    const client = new pg.Client({
      ...settings,
      ...(ssl !== undefined && { ssl: tlsOptions(ssl) }),
      types,
      application_name: name,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    })
    const session = new Session(client)
    const giveUp = (): void => void streamOf(client).destroy()
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

  async #prepare({ user }: Connection): Promise<void> {
    await this.run(statement('catalog/prepare_session'))
    await this.run(statement('catalog/notice_lost_clients')).catch(() => {})
    // The search path begins with a schema of the user's name; for a user "dasy" that would be our own.
    if (user === OWN_SCHEMA) await this.run(statement('catalog/leave_own_schema'))
  }

  /** The process id of this session's backend. */
  get backend(): number {
    return (this.#client as unknown as { processID: number }).processID
  }

  /** The underlying client, for what speaks the protocol itself: a COPY stream. */
  get client(): pg.Client {
    return this.#client
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
    try {
      await traced(text, () => new LoneQuery(text).runOn(this.#client))
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('BEGIN')
    let result: Result
    try {
      result = await work()
    } catch (error) {
      // A failed clean-up must not hide the real error.
      await this.run('ROLLBACK').catch(() => {})
      throw error
    }
    await this.run('COMMIT')
    return result
  }

  /** Runs `work` within the transaction so that it leaves no trace there when it throws. */
  async savepoint<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('SAVEPOINT dasy')
    let result: Result
    try {
      result = await work()
    } catch (error) {
      await this.run('ROLLBACK TO SAVEPOINT dasy; RELEASE SAVEPOINT dasy').catch(() => {})
      throw error
    }
    await this.run('RELEASE SAVEPOINT dasy')
    return result
  }

  /** Ends the connection. Never throws: there is nothing left to do about it. */
  async close(): Promise<void> {
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
    try {
      // Without values the simple protocol: the migrations hold several statements a file.
      return await traced(text, () =>
        values.length > 0 ? this.#client.query(text, [...values]) : this.#client.query(text),
      )
    } catch (error) {
      throw this.failure(error)
    }
  }
}

function tlsOptions(ssl: Tls): boolean | Record<string, unknown> {
  if (typeof ssl === 'boolean') return ssl
  const { verifyHost, ...options } = ssl
  return verifyHost === false ? { ...options, checkServerIdentity: () => undefined } : options
}

function timeout(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' })
}

function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}
