import type { Database } from '../db/database.js'
import { isTransient } from '../db/retry.js'
import type { Session } from '../db/session.js'

/** Sessions that are used again and again, by one caller at a time each. */
export class Connections implements AsyncDisposable {
  readonly #database: Database
  readonly #most: number
  readonly #prepare: (session: Session) => Promise<void>
  readonly #idle: Session[] = []
  readonly #waiting: (() => void)[] = []
  #used = 0
  #isClosed = false

  /**
   * @param most how many there are at most
   * @param prepare what each session does first
   */
  constructor(database: Database, most: number, prepare: (session: Session) => Promise<void>) {
    this.#database = database
    this.#most = most
    this.#prepare = prepare
  }

  /** Lends a session. One that is lost is not used again. */
  async use<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    await this.#turn()
    let session: Session | undefined
    try {
      session = this.#idle.pop() ?? (await this.#open())
      const result = await work(session)
      this.#idle.push(session)
      return result
    } catch (error) {
      if (session && !isTransient(error)) this.#idle.push(session)
      else await session?.close()
      throw error
    } finally {
      this.#used -= 1
      this.#waiting.shift()?.()
      if (this.#isClosed) await this.#closeIdle()
    }
  }

  /** Those in use are closed when they come back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#closeIdle()
  }

  async #turn(): Promise<void> {
    while (this.#used >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#used += 1
  }

  async #open(): Promise<Session> {
    const session = await this.#database.session('dasy rows')
    // One that breaks while nobody uses it is forgotten.
    session.lost.catch(() => {
      const place = this.#idle.indexOf(session)
      if (place >= 0) this.#idle.splice(place, 1)
    })
    try {
      await this.#prepare(session)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  async #closeIdle(): Promise<void> {
    await Promise.allSettled(this.#idle.splice(0).map((session) => session.close()))
  }
}
