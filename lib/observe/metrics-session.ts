import pLimit from 'p-limit'
import type { DatabaseOptions } from '../contract/options.js'
import { Database } from '../db/database.js'
import type { Session } from '../db/session.js'

/** The session by which a process asks for the figures, beside its work: opened when it is first needed, and again after it was lost. */
export class MetricsSession implements AsyncDisposable {
  readonly #options: DatabaseOptions
  #database: Database | undefined
  #session: Session | undefined
  /** One after the other uses it. */
  readonly #turns = pLimit(1)

  constructor({ databaseUrl }: DatabaseOptions) {
    this.#options = { databaseUrl }
  }

  /** Starts or joins the embedded server, so that it stays until this is closed. */
  async open(): Promise<void> {
    this.#database ??= await Database.open(this.#options)
  }

  readonly use = <Result>(work: (session: Session) => Promise<Result>): Promise<Result> =>
    this.#turns(() => this.#use(work))

  async #use<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    try {
      return await work(await this.#connect())
    } catch (error) {
      await this.#session?.close()
      this.#session = undefined
      await this.#database?.restore().catch(() => {})
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.close()
    await this.#database?.[Symbol.asyncDispose]()
  }

  async #connect(): Promise<Session> {
    if (this.#session?.isFree) return this.#session
    await this.#session?.close()
    await this.open()
    this.#session = await (this.#database as Database).session('dasy metrics')
    return this.#session
  }
}
