import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './client.js'
import { Session } from './session.js'
import { statement } from './sql.js'

interface Blocker {
  readonly pid: number
  readonly program: string | null
  readonly role: string | null
  /** Null if this role may not see it. */
  readonly state: string | null
  readonly relation: string | null
}

/** A statement that takes longer than this may be waiting for a lock. */
const LONG_MS = 2000
const POLL_MS = 1000

/**
 * Tells the user which sessions a session of dasy waits for: dasy sets no lock timeout, so it may wait for any time. While a
 * statement takes long, a second connection polls whether it is blocked.
 */
export class LockWatch implements AsyncDisposable {
  readonly #session: Session
  readonly #connection: Connection
  readonly #note: (line: string) => void
  readonly #timer: NodeJS.Timeout
  #watching: Promise<void> | undefined
  readonly #closed = new AbortController()

  constructor(session: Session, connection: Connection, note: (line: string) => void) {
    this.#session = session
    this.#connection = connection
    this.#note = note
    this.#timer = setInterval(() => this.#check(), POLL_MS)
    this.#timer.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    clearInterval(this.#timer)
    await this.#watching
  }

  #check(): void {
    const since = this.#session.busySince
    if (since === undefined || performance.now() - since < LONG_MS) return
    this.#watching ??= this.#watch(since)
      .catch(() => {}) // the second connection may fail; the run does not need it
      .finally(() => {
        this.#watching = undefined
      })
  }

  /** Reports blocking sessions until the statement that began at `since` ends. */
  async #watch(since: number): Promise<void> {
    await using other = await Session.open(this.#connection, 'dasy lock watch')
    let reported = ''
    while (!this.#closed.signal.aborted && this.#session.busySince === since) {
      const blockers = await other.rows<Blocker>(statement('db/blockers'), [this.#session.backend])
      const line = blockers.length > 0 ? describeWait(blockers) : ''
      if (line !== '' && line !== reported && this.#session.busySince === since) this.#note(line)
      reported = line || reported
      await sleep(POLL_MS, undefined, { signal: this.#closed.signal }).catch(() => {})
    }
  }
}

function describeWait(blockers: readonly Blocker[]): string {
  const who = blockers.map(
    ({ pid, program, role, state }) =>
      `session ${pid} (${[program, role && `role ${role}`, state].filter(Boolean).join(', ')})`,
  )
  const relation = blockers[0]?.relation
  return `waiting for ${who.join(', ')}${relation ? `, to get a lock on ${relation}` : ' to end its transaction'}`
}
