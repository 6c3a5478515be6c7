import { Events, type Note } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import type { Connection } from './client.js'
import type { Lease } from './embedded/server.js'
import { chooseDatabase, readEnvironment } from './environment.js'
import { LockWatch } from './lock-watch.js'
import { Session } from './session.js'

/**
 * The database that a command works with. If that is the embedded server, opening it starts or joins the server, and
 * closing it leaves the server.
 */
export class Database {
  #connection: Connection
  #lease: Lease | undefined
  /** Starts or joins the embedded server; undefined for any other. */
  readonly #join: (() => Promise<Lease>) | undefined
  readonly #note: Note | undefined

  private constructor(
    connection: Connection,
    note: Note | undefined,
    lease?: Lease,
    join?: () => Promise<Lease>,
  ) {
    this.#connection = connection
    this.#note = note
    this.#lease = lease
    this.#join = join
  }

  /** @throws DasyError with exit status 4 if the embedded server does not start */
  static async open({ databaseUrl, onEvent }: DatabaseOptions): Promise<Database> {
    const choice = chooseDatabase(databaseUrl, readEnvironment())
    const note = onEvent && new Events(onEvent).note
    if (choice.kind === 'server') return new Database(choice.connection, note)
    // Loaded only if it is used, because that takes time.
    const { EmbeddedServer } = await import('./embedded/server.js')
    const server = new EmbeddedServer({ home: choice.home, ...(note && { note }) })
    const lease = await server.join()
    return new Database(withoutTls(lease), note, lease, () => server.join())
  }

  /** For commands that only read. @returns undefined if the embedded server was never started: there is nothing to read */
  static async openIfThere(options: DatabaseOptions): Promise<Database | undefined> {
    return (await Database.isThere(options)) ? await Database.open(options) : undefined
  }

  /** Whether there is a database; false only for an embedded server that was never started. */
  static async isThere({ databaseUrl }: DatabaseOptions): Promise<boolean> {
    const choice = chooseDatabase(databaseUrl, readEnvironment())
    if (choice.kind === 'server') return true
    const { EmbeddedServer } = await import('./embedded/server.js')
    return await new EmbeddedServer(choice).exists()
  }

  get connection(): Connection {
    return this.#connection
  }

  /** After a lost connection: starts the embedded server again if it is gone. */
  async restore(): Promise<void> {
    if (!this.#join) return
    const former = this.#lease
    this.#lease = await this.#join()
    this.#connection = withoutTls(this.#lease)
    await former?.leave()
  }

  /** Opens a session that tells the user which sessions it waits for. @see Session.open */
  async session(name = 'dasy', signal?: AbortSignal, timeoutMs?: number): Promise<Session> {
    const session = await Session.open(this.connection, name, signal, timeoutMs)
    // The pool was checked: later connections need not check it again.
    if (session.isPooled) this.#connection = { ...this.#connection, pooled: true }
    if (this.#note) session.closeWith(new LockWatch(session, this.connection, this.#note))
    return session
  }

  /** Cancels the current statement of a session, through another connection. */
  async cancel(session: Session): Promise<void> {
    await using other = await Session.open(this.connection, 'dasy cancel')
    await other.run('SELECT pg_cancel_backend($1)', [session.backend])
  }

  async close(): Promise<void> {
    await this.#lease?.leave()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function withoutTls({ connection }: Lease): Connection {
  return { ...connection, ssl: false }
}
