import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './client.js'
import { Session } from './session.js'
import { statement } from './sql.js'

interface Blocker {
  readonly pid: number
  readonly program: string | null
  readonly role: string | null
  /** Null where this role may not know. */
  readonly state: string | null
  readonly relation: string | null
}

/** A statement that takes longer may be waiting for somebody. */
const LONG_MS = 2000
const LOOK_MS = 1000

/**
 * Tells the user when a session waits long for others, and for whom: dasy waits for a lock as long as it takes. While one
 * statement takes long, a second connection looks whether it waits.
 */
export class LockWatch implements AsyncDisposable {
  readonly #session: Session
  readonly #connection: Connection
  readonly #note: (line: string) => void
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined
  readonly #over = new AbortController()

  constructor(session: Session, connection: Connection, note: (line: string) => void) {
    this.#session = session
    this.#connection = connection
    this.#note = note
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#timer.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    clearInterval(this.#timer)
    await this.#looking
  }

  #look(): void {
    const since = this.#session.busySince
    if (since === undefined || performance.now() - since < LONG_MS) return
    this.#looking ??= this.#follow(since)
      .catch(() => {}) // there may be no connection to be had; the run does not need it
      .finally(() => {
        this.#looking = undefined
      })
  }

  /** As long as it is at the same statement. */
  async #follow(since: number): Promise<void> {
    await using other = await Session.open(this.#connection, 'dasy lock watch')
    let said = ''
    while (!this.#over.signal.aborted && this.#session.busySince === since) {
      const blockers = await other.rows<Blocker>(statement('session/blockers'), [this.#session.backend])
      const line = blockers.length > 0 ? waiting(blockers) : ''
      if (line !== '' && line !== said && this.#session.busySince === since) this.#note(line)
      said = line || said
      await sleep(LOOK_MS, undefined, { signal: this.#over.signal }).catch(() => {})
    }
  }
}

function waiting(blockers: readonly Blocker[]): string {
  const who = blockers.map(
    ({ pid, program, role, state }) =>
      `session ${pid} (${[program, role && `role ${role}`, state].filter(Boolean).join(', ')})`,
  )
  const relation = blockers[0]?.relation
  return `waiting for ${who.join(', ')}${relation ? `, to get a lock on ${relation}` : ' to end its transaction'}`
}
