import { DasyError } from '../base/errors.js'
import { destroy } from '../db/client.js'
import type { Database } from '../db/database.js'
import { useSchema } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import { Shares } from './shares.js'

/** Sessions at a time for short requests. */
const MOST = 10
/** Sessions at a time for answers that are as slow as their reader. */
const MOST_STREAMS = 10
/** After so many uses a session is closed: what it prepared goes with it. */
const MOST_USES = 500
/** How long a request waits for a session. */
const PATIENCE_MS = 30_000

/** A request that waits for a session. */
interface Waiting {
  readonly table: string | undefined
  readonly take: () => void
  readonly refuse: (error: DasyError) => void
}

/**
 * The sessions of the requests. A request borrows one, so that many clients are no many connections. One that names its table may have to
 * wait for whoever has locked it: however many there are, they leave sessions to the requests about other tables.
 */
export class Sessions implements AsyncDisposable {
  readonly #database: Database
  readonly #prepare: (session: Session) => Promise<void>
  readonly #idle: Session[] = []
  readonly #lent = new Set<Session>()
  readonly #uses = new WeakMap<Session, number>()
  readonly #borrowed = new Shares(MOST)
  #waiting: Waiting[] = []
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
   * @param table whose lock the work may have to wait for
   * @throws DasyError SERVER_BUSY, CONNECTION_FAILED, and those of the work
   */
  async use<Result>(work: (session: Session) => Promise<Result>, table?: string): Promise<Result> {
    return await this.inTurn(async () => {
      const session = this.#idle.pop() ?? (await this.#open())
      this.#lent.add(session)
      try {
        return await work(session)
      } finally {
        this.#lent.delete(session)
        await this.#giveBack(session)
      }
    }, table)
  }

  /** Takes the place of a session, for work that opens its own. @throws DasyError SERVER_BUSY, and those of the work */
  async inTurn<Result>(work: () => Promise<Result>, table?: string): Promise<Result> {
    if (this.#borrowed.mayTake(table)) this.#borrowed.take(table)
    else await this.#turn(table)
    try {
      return await work()
    } finally {
      this.#borrowed.giveBack(table)
      this.#waiting.find((each) => this.#borrowed.mayTake(each.table))?.take()
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
      this.#lent.add(session)
      session.closeWith({ [Symbol.asyncDispose]: async () => this.#endStream(session) })
      return session
    } catch (error) {
      this.#endStream()
      throw error
    }
  }

  /** Ends all sessions: nobody waits for an answer any more, and what waits for a lock would for another 30 seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const { client } of this.#lent) destroy(client)
    for (const { refuse } of this.#waiting) refuse(busy('the service stops'))
    await Promise.allSettled(this.#idle.splice(0).map((session) => session.close()))
  }

  #endStream(session?: Session): void {
    this.#streams -= 1
    if (session) this.#lent.delete(session)
  }

  /** Waits until another request gives up its place, and takes it. */
  #turn(table: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer)
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
      }
      const waiting: Waiting = {
        table,
        take: () => {
          leave()
          this.#borrowed.take(table)
          resolve()
        },
        refuse: (error) => {
          leave()
          reject(error)
        },
      }
      const timer = setTimeout(() => waiting.refuse(inUse(table)), PATIENCE_MS)
      this.#waiting.push(waiting)
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

function inUse(table: string | undefined): DasyError {
  return table === undefined
    ? busy('all sessions are in use')
    : busy(`too many requests about the table ${table} are at work or wait for its lock`, { table })
}

function busy(why: string, details: { readonly table?: string } = {}): DasyError {
  return new DasyError('SERVER_BUSY', why, { hint: 'Try again in a moment.', details })
}
