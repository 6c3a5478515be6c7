import { setTimeout as sleep } from 'node:timers/promises'
import type { RunStatus } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { statusOfRun } from '../ledger/history.js'
import type { Sessions } from './sessions.js'

/** How often the ledger is asked while somebody listens. */
const INTERVAL_MS = 500

/** How far a run is, as the ledger says. */
export interface Snapshot {
  readonly run: number
  readonly status: RunStatus
  readonly attempt: number
  readonly state: 'opened' | 'staging' | 'staged' | 'merging' | 'ended'
  /** Of the text; null if it is not known yet. */
  readonly total_bytes: number | null
  readonly bytes: number
  readonly records: number
}

type Listener = (snapshot: Snapshot) => void

/**
 * Follows runs in the ledger, for all who listen together. It does not matter which process works at a run, nor whether this one was
 * started again in between.
 */
export class RunFeed {
  readonly #sessions: Sessions
  readonly #signal: AbortSignal
  readonly #listeners = new Map<number, Set<Listener>>()
  #isAsking = false

  /** @param signal ends it */
  constructor(sessions: Sessions, signal: AbortSignal) {
    this.#sessions = sessions
    this.#signal = signal
  }

  /** Calls a listener from now on. @returns ends that */
  follow(run: number, listener: Listener): () => void {
    const listeners = this.#listeners.get(run) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(run, listeners)
    if (!this.#isAsking) void this.#ask()
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(run)
    }
  }

  /** Waits until a run has ended or is planned. @throws the reason of a signal */
  async ended(run: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#signal])
    await new Promise<void>((resolve, reject) => {
      const stop = this.follow(run, (snapshot) => {
        if (hasEnded(snapshot)) end(resolve)
      })
      const abort = (): void => end(() => reject(either.reason))
      const end = (settle: () => void): void => {
        stop()
        either.removeEventListener('abort', abort)
        settle()
      }
      if (either.aborted) abort()
      either.addEventListener('abort', abort, { once: true })
    })
  }

  /** While somebody listens. A database that is gone is asked again. */
  async #ask(): Promise<void> {
    this.#isAsking = true
    try {
      while (this.#listeners.size > 0 && !this.#signal.aborted) {
        const runs = [...this.#listeners.keys()]
        const snapshots = await this.#sessions.use((session) => lookAt(session, runs)).catch(() => [])
        for (const snapshot of snapshots)
          for (const listener of this.#listeners.get(snapshot.run) ?? []) listener(snapshot)
        await sleep(INTERVAL_MS, undefined, { signal: this.#signal }).catch(() => {})
      }
    } finally {
      this.#isAsking = false
    }
  }
}

export async function lookAt(session: Session, runs: readonly number[]): Promise<Snapshot[]> {
  return await session.rows<Snapshot>(statement('service/follow_runs', { status: statusOfRun() }), [runs])
}

export function hasEnded({ status }: Pick<Snapshot, 'status'>): boolean {
  return status !== 'queued' && status !== 'running'
}
