import { DasyError } from '../base/errors.js'
import type { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'

/** Sessions at a time for short requests. */
const MOST = 10
/** Sessions at a time for answers that are as slow as their reader. */
const MOST_STREAMS = 10
/** After so many uses a session is closed: what it prepared goes with it. */
const MOST_USES = 500
/** How long a request waits for a session. */
const PATIENCE_MS = 30_000

/** The sessions of the requests. A request borrows one, so that many clients are no many connections. */
export class Sessions implements AsyncDisposable {
  readonly #database: Database
  readonly #prepare: (session: Session) => Promise<void>
  readonly #idle: Session[] = []
  readonly #uses = new WeakMap<Session, number>()
  readonly #waiting: (() => void)[] = []
  #borrowed = 0
  #streams = 0
  #restoring: Promise<void> | undefined
  #isClosed = false

  /** @param prepare what each session does first */
  constructor(database: Database, prepare: (session: Session) => Promise<void> = async () => {}) {
    this.#database = database
    this.#prepare = prepare
  }

  /**
   * Lends a session.
   * @throws DasyError SERVER_BUSY, CONNECTION_FAILED, and those of the work
   */
  async use<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    if (this.#borrowed >= MOST) await this.#turn()
    else this.#borrowed += 1
    try {
      const session = this.#idle.pop() ?? (await this.#open())
      try {
        return await work(session)
      } finally {
        await this.#giveBack(session)
      }
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#borrowed -= 1
    }
  }

  /**
   * A session of its own, for an answer that is as slow as its reader. The caller closes it.
   * @throws DasyError SERVER_BUSY, CONNECTION_FAILED
   */
  async forStream(): Promise<Session> {
    if (this.#streams >= MOST_STREAMS) throw busy('too many answers are being read')
    this.#streams += 1
    try {
      const session = await this.#open()
      session.closeWith({ [Symbol.asyncDispose]: async () => this.#endStream() })
      return session
    } catch (error) {
      this.#endStream()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#idle.splice(0).map((session) => session.close()))
  }

  #endStream(): void {
    this.#streams -= 1
  }

  /** Waits until another request gives up its place. */
  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(busy('all sessions are in use'))
      }, PATIENCE_MS)
      this.#waiting.push(take)
    })
  }

  async #open(): Promise<Session> {
    const session = await this.#database.session('dasy serve').catch(async (error) => {
      // The embedded server may be gone: only dasy itself can start it again.
      this.#restoring ??= this.#database.restore().finally(() => {
        this.#restoring = undefined
      })
      await this.#restoring.catch(() => {})
      throw error
    })
    try {
      await useSchema(session)
      // Longer waits only a load's own session.
      await session.run(query`SET lock_timeout = '30s'`)
      // A request touches few rows. Compiling a statement with many columns takes seconds.
      await session.run(query`SET jit = off`)
      await this.#prepare(session)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  async #giveBack(session: Session): Promise<void> {
    const uses = (this.#uses.get(session) ?? 0) + 1
    this.#uses.set(session, uses)
    // Whoever failed may have left it within a transaction.
    if (uses >= MOST_USES || this.#isClosed || !session.isFree) return await session.close()
    if (uses === 1) session.lost.catch(() => this.#forget(session))
    this.#idle.push(session)
  }

  #forget(session: Session): void {
    const at = this.#idle.indexOf(session)
    if (at >= 0) this.#idle.splice(at, 1)
  }
}

function busy(why: string): DasyError {
  return new DasyError('SERVER_BUSY', why, { hint: 'Try again in a moment.' })
}
