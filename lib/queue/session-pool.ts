import { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Database } from '../db/database.js'
import type { Session } from '../db/session.js'

type Client = pg.Client & { release(): void }
type Callback = (error: unknown, client?: Client, release?: () => void) => void

/** The connections of graphile-worker, in place of a pool of node-postgres: sessions that are set like all of ours. */
export class SessionPool extends EventEmitter {
  readonly #database: Database
  readonly #idle = new Set<Session>()
  readonly #all = new Set<Session>()
  #isClosed = false

  constructor(database: Database) {
    super()
    this.#database = database
    // graphile-worker adds listeners of its own, and a warning, if it finds none.
    this.on('error', () => {})
    this.on('connect', () => {})
  }

  /** As graphile-worker calls it: with a callback, or for a promise. */
  connect(callback?: Callback): Promise<Client> | undefined {
    const connected = this.#connect()
    if (!callback) return connected
    connected.then(
      (client) => callback(undefined, client, () => client.release()),
      (error) => callback(error),
    )
    return undefined
  }

  async #connect(): Promise<Client> {
    const session = this.#idle.values().next().value ?? (await this.#open())
    this.#idle.delete(session)
    const release = (): void => {
      if (this.#all.has(session)) this.#idle.add(session)
    }
    return Object.assign(session.client, { release }) as Client
  }

  async #open(): Promise<Session> {
    const session = await this.#database.session('dasy queue')
    if (this.#isClosed) {
      await session.close()
      throw new Error('the pool is closed')
    }
    this.#all.add(session)
    session.lost.catch(() => {
      this.#idle.delete(session)
      this.#all.delete(session)
    })
    return session
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const all = [...this.#all]
    this.#all.clear()
    this.#idle.clear()
    await Promise.allSettled(all.map((session) => session.close()))
  }
}
