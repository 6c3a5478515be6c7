import type pg from 'pg'
import type { DasyError } from '../base/errors.js'
import { announcedBackend, type Connection, databaseEncoding, majorVersion } from './client.js'
import { connect } from './connect.js'
import { ExtendedQuery } from './extended-query.js'
import { statementFailure } from './failures.js'
import { Pipeline } from './pipeline.js'
import { requireOwnBackend } from './pool-check.js'
import { PreparedStatements } from './prepared-statements.js'
import { applySettings } from './session-settings.js'
import { statement } from './sql.js'
import { traced } from './trace.js'
import { inConsistentTransaction, inSavepoint, inTransaction, snapshot } from './transaction.js'

/**
 * A connection to the database. The code that opens a session closes it. It is one file, because whatever is sent to the server goes
 * through it.
 */
export class Session {
  /** Rejects when the connection is lost. (Otherwise the next statement reports it.) */
  readonly lost: Promise<never>
  readonly #client: pg.Client
  #lost: Error | undefined
  #backend = 0
  readonly #pipeline: Pipeline
  readonly #closedWith: AsyncDisposable[] = []
  readonly #prepared = new PreparedStatements()
  /** Whether nothing has happened to it after which it could differ from a new one, once it is set back. */
  #isUsual = true

  private constructor(client: pg.Client) {
    this.#client = client
    this.#pipeline = new Pipeline(client)
    this.lost = new Promise((_, reject) => {
      client.on('error', (error) => {
        this.#lost ??= error
        this.#isUsual = false
        reject(this.failure(error))
      })
    })
    this.lost.catch(() => {})
  }

  /**
   * @param signal aborts connecting
   * @param timeoutMs shortens the connection timeout, in milliseconds
   * @throws DasyError CONNECTION_FAILED, POOLED_CONNECTION or SESSION_UNSUITABLE, all with exit status 4
   */
  static async open(
    connection: Connection,
    name: string,
    signal?: AbortSignal,
    timeoutMs?: number,
  ): Promise<Session> {
    const session = new Session(await connect(connection, name, signal, timeoutMs))
    try {
      await session.#prepare(connection)
    } catch (error) {
      await session.close()
      throw error
    }
    return session
  }

  async #prepare(connection: Connection): Promise<void> {
    const announced = announcedBackend(this.#client)
    await this.#applySettings(announced)
    if (this.isPooled) {
      if (!connection.pooled) await requireOwnBackend(this.#client, this.#backend, connection)
      await this.#applySettings(this.#backend)
    }
    await this.#noticeLostClients()
  }

  async #applySettings(expected: number): Promise<void> {
    const found = await applySettings(this, expected, majorVersion(this.#client))
    this.#backend = found.backend
    if (found.hasEventTriggers) this.stopPreparing()
  }

  async #noticeLostClients(): Promise<void> {
    await this.run(statement('db/notice_lost_clients')).catch(() => {})
  }

  /**
   * Makes it like a new one, for another run; only the server still knows the catalog.
   * @returns false if that is not certain: a statement has failed, SQL of the user has run, or a connection pool is in between
   */
  async reset(): Promise<boolean> {
    if (!this.#isUsual || this.isPooled) return false
    const there = await this.rows<{ name: string }>('SELECT name FROM pg_prepared_statements')
    await this.together(() => [
      this.run(this.#prepared.setBack(new Set(there.map(({ name }) => name)))),
      // That has set back the role, but not to the one that the settings of the user may name.
      this.run('RESET ROLE'),
      this.#applySettings(this.#backend),
      this.#noticeLostClients(),
    ])
    return this.#isUsual
  }

  /** What it has run until now may come again: from then on PostgreSQL keeps it prepared. */
  endRound(): void {
    this.#prepared.endRound()
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  /** The process id of this session's backend. */
  get backend(): number {
    return this.#backend
  }

  /** Whether a connection pool is in between: it announces another number than the backend's process id. */
  get isPooled(): boolean {
    return this.#backend !== announcedBackend(this.#client)
  }

  /** Whether it is connected, and in no transaction: another can go on with it. */
  get isFree(): boolean {
    return this.#lost === undefined && this.#client.getTransactionStatus() === 'I'
  }

  /** Whether the database stores text in UTF-8. */
  get isUtf8(): boolean {
    return databaseEncoding(this.#client) === 'UTF8'
  }

  /** When the current statement began, by `performance.now()`; undefined if the session is idle. */
  get busySince(): number | undefined {
    return this.#pipeline.busySince
  }

  /** Closes a resource before the connection, when the session is closed. */
  closeWith(resource: AsyncDisposable): void {
    this.#closedWith.push(resource)
  }

  /** The client of node-postgres. */
  get client(): pg.Client {
    return this.#client
  }

  /** The same for a COPY stream, which cannot begin before all answers are there. */
  async clientForCopy(): Promise<pg.Client> {
    await this.#pipeline.idle()
    return this.#client
  }

  /**
   * Sends statements in one message, and does not wait for the answer to one before the next: a round trip takes longer than a small
   * statement. They run in this order. Those after one that fails run too, unless they are in its transaction, which has failed.
   * @param begin calls functions that begin with a statement
   * @returns their results, when all have ended
   * @throws the error of the first one that failed for a reason of its own
   */
  async together<Results extends readonly unknown[] | []>(
    begin: () => { readonly [Index in keyof Results]: Promise<Results[Index]> },
  ): Promise<Results> {
    return await this.#pipeline.together(begin)
  }

  /** Runs several statements in one message. @returns the rows of each */
  async results(text: string): Promise<Record<string, unknown>[][]> {
    return [await this.#query(text, [])].flat().map(({ rows }) => rows)
  }

  async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#query(text, values, this.#nameFor(text, values))).rows as Row[]
  }

  /** Runs a query that the session runs several times: planning what asks the catalog takes longer than running it. */
  async planned<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#query(text, values, this.#prepared.nameAtOnce(text))).rows as Row[]
  }

  /** Called before foreign code runs, which may be DEALLOCATE ALL: until the session is set back each statement is parsed again. */
  stopPreparing(): void {
    this.#prepared.pause()
  }

  /** A name for a prepared statement of this run, which may stay until the session ends. */
  newStatementName(): string {
    return this.#prepared.nameOnce()
  }

  async row<Row>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    return (await this.rows<Row>(text, values))[0]
  }

  /** Runs a statement. @returns the number of rows that it inserted, updated, deleted or returned */
  async run(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#query(text, values, this.#nameFor(text, values))).rowCount ?? 0
  }

  /** Runs one statement of a user's SQL file. @see ExtendedQuery */
  async runExtended(text: string): Promise<void> {
    this.stopPreparing()
    this.#isUsual = false
    const client = await this.clientForCopy()
    try {
      await this.#pipeline.run(() => traced(text, () => new ExtendedQuery(text).runOn(client)))
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** @see inTransaction */
  transaction<Result>(work: () => Promise<Result>, settings?: string): Promise<Result> {
    return inTransaction(this, work, settings)
  }

  /** @see inConsistentTransaction */
  consistent<Result>(work: () => Promise<Result>): Promise<Result> {
    return inConsistentTransaction(this, work)
  }

  /** @see snapshot */
  snapshot(): Promise<AsyncDisposable> {
    return snapshot(this)
  }

  /** @see inSavepoint */
  savepoint<Result>(work: () => Promise<Result>): Promise<Result> {
    return inSavepoint(this, work)
  }

  /** Runs COMMIT. @returns false if PostgreSQL rolled back instead: it does so, without an error, after a failed statement */
  async commit(): Promise<boolean> {
    return (await this.#query('COMMIT', [])).command === 'COMMIT'
  }

  /** Closes the connection. Errors are ignored, because the caller can do nothing about them. */
  async close(): Promise<void> {
    for (const resource of this.#closedWith.splice(0)) await resource[Symbol.asyncDispose]()
    if (this.#lost) return
    await this.#client.end().catch(() => {})
  }

  /** Turns an error of the client into a DasyError. After a lost connection, the error of that is the cause of all others. */
  failure(error: unknown): DasyError {
    return statementFailure(this.#lost ?? error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Without values a text may be several statements. Through a connection pool, another backend may get the next one. */
  #nameFor(text: string, values: readonly unknown[]): string | undefined {
    return values.length === 0 || this.isPooled ? undefined : this.#prepared.nameOf(text)
  }

  async #query(text: string, values: readonly unknown[], name?: string): Promise<pg.QueryResult> {
    try {
      // Without values by the simple protocol, because migrations have several statements in a file.
      return await this.#pipeline.run(() =>
        traced(text, () => {
          if (name !== undefined) return this.#client.query({ name, text, values: [...values] })
          return values.length > 0 ? this.#client.query(text, [...values]) : this.#client.query(text)
        }),
      )
    } catch (error) {
      this.#isUsual = false
      throw this.failure(error)
    }
  }
}
