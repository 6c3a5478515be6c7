import type { Session } from './session.js'

/** How many runs a session does: the server's memory for what it knows of the catalog grows. */
const MOST_USES = 200
/** How long it is kept for the next run. */
const KEPT_MS = 2000

/**
 * Sessions that have done a run and are kept for the next one. A new session reads the catalog anew, which takes longer than all
 * statements of a small run.
 */
export class KeptSessions implements AsyncDisposable {
  readonly #uses = new WeakMap<Session, number>()
  readonly #kept = new Map<Session, NodeJS.Timeout>()
  #isClosed = false

  take(): Session | undefined {
    for (const [session, timeout] of this.#kept) {
      this.#kept.delete(session)
      clearTimeout(timeout)
      if (!session.isLost) return session
    }
    return undefined
  }

  /** Keeps a session whose run has ended, if it can be made like a new one; else closes it. */
  async giveBack(session: Session): Promise<void> {
    const uses = (this.#uses.get(session) ?? 0) + 1
    const isKept = uses < MOST_USES && !this.#isClosed && (await session.reset().catch(() => false))
    if (!isKept || this.#isClosed) return await session.close()
    this.#uses.set(session, uses)
    const close = (): void => {
      this.#kept.delete(session)
      session.close().catch(() => {})
    }
    this.#kept.set(session, setTimeout(close, KEPT_MS).unref())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (let session = this.take(); session; session = this.take()) await session.close()
  }
}
