import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchNews } from '../contract/watch-events.js'
import type { Presence } from '../queue/presence.js'
import type { Alerts } from './alerts/alerts.js'
import { type Ended, listEnded } from './arrivals.js'
import { fileArrival } from './filing.js'

/** How often what has ended is filed while loads are at work. */
const FILING_MS = 100

export interface FilingOptions {
  /** The host, and '' for shared folders. */
  readonly places: readonly string[]
  readonly signal: AbortSignal
  readonly filed: (ended: Ended, news: readonly WatchNews[]) => void
  /** It is filed later. */
  readonly failed: (path: string, error: unknown) => void
}

/** Files the arrivals whose runs have ended. */
export class EndedArrivals {
  readonly #presence: Presence
  readonly #alerts: Alerts
  readonly #options: FilingOptions
  /** Those with which workers of this process have ended. */
  #runs: number[] = []

  constructor(presence: Presence, alerts: Alerts, options: FilingOptions) {
    this.#presence = presence
    this.#alerts = alerts
    this.#options = options
  }

  note(run: number): void {
    this.#runs.push(run)
  }

  async fileNoted(): Promise<void> {
    const { places, signal } = this.#options
    while (this.#runs.length > 0 && !signal.aborted) {
      const run = this.#runs.shift()
      for (const each of await this.#presence.use((session) => listEnded(session, places, run)))
        await this.#file(each)
    }
  }

  /** Whoever loaded it. */
  async fileAll(): Promise<void> {
    const { places } = this.#options
    for (const each of await this.#presence.use((session) => listEnded(session, places)))
      await this.#file(each)
  }

  /** Nobody has to wait for the last of many files before the first one is in its place. */
  async fileDuring(loads: Promise<void>): Promise<void> {
    const over = new AbortController()
    const ended = loads.finally(() => over.abort())
    // It is awaited at the end.
    ended.catch(() => {})
    try {
      while (!over.signal.aborted) {
        await this.fileNoted()
        await sleep(FILING_MS, undefined, { signal: over.signal }).catch(() => {})
      }
    } finally {
      await ended
      this.#runs = []
    }
  }

  async #file(ended: Ended): Promise<void> {
    const { filed, failed, signal } = this.#options
    try {
      const news = await this.#presence.use((session) => fileArrival(session, ended, this.#alerts))
      if (news.length > 0) filed(ended, news)
    } catch (error) {
      if (!signal.aborted) failed(ended.path, error)
    }
  }
}
