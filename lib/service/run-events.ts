import type { KnownReceipt } from '../contract/receipt.js'
import type { Snapshot } from './run-feed.js'

/** What is told of a run while it is at work, as Server-Sent Events. */

export interface RunEvent {
  /** Tells how far the run was: a client that has seen it is not told of it again. */
  readonly id: string
  readonly event: 'phase' | 'progress' | 'receipt' | 'failed'
  readonly data: object
}

/** What a run is doing, by its state. */
const PHASES = {
  opened: 'start',
  staging: 'copy',
  staged: 'merge',
  merging: 'merge',
  ended: 'merge',
} as const

/** From how many seconds on the speed is taken. */
const WINDOW_MS = 10_000

/** Turns what the ledger says of a run into events, for one listener. */
export class RunEvents {
  #phase: string | undefined
  #progress: string | undefined
  readonly #seen: { readonly at: number; readonly bytes: number; readonly records: number }[] = []

  /** @param lastId of the last event that the listener has seen, in this or an earlier connection */
  constructor(lastId?: string) {
    const [, attempt, phase, progress] = /^(\d+)-(\w+)(?:-(\d+))?$/.exec(lastId ?? '') ?? []
    if (attempt === undefined) return
    this.#phase = `${attempt}-${phase}`
    if (progress !== undefined) this.#progress = `${attempt}-${phase}-${progress}`
  }

  /** The events of a run that goes on. */
  of(snapshot: Snapshot): RunEvent[] {
    const { status, state, attempt, total_bytes: totalBytes, bytes, records } = snapshot
    const phase = status === 'queued' ? 'queued' : PHASES[state]
    const events: RunEvent[] = []
    const phaseId = `${attempt}-${phase}`
    if (phaseId !== this.#phase) events.push({ id: phaseId, event: 'phase', data: { phase } })
    this.#phase = phaseId
    const progressId = `${phaseId}-${bytes}`
    if (phase === 'copy' && bytes > 0 && progressId !== this.#progress) {
      const speed = this.#speed(bytes, records)
      const secondsLeft =
        totalBytes === null || speed.bytes === 0 ? null : Math.ceil((totalBytes - bytes) / speed.bytes)
      const data = { bytes, totalBytes, records, perSecond: Math.round(speed.records), secondsLeft }
      events.push({ id: progressId, event: 'progress', data })
      this.#progress = progressId
    }
    return events
  }

  /** A second. Of what was staged before anybody listened it is not known when. */
  #speed(bytes: number, records: number): { readonly bytes: number; readonly records: number } {
    const at = performance.now()
    this.#seen.push({ at, bytes, records })
    while (this.#seen.length > 2 && at - (this.#seen[0]?.at ?? at) > WINDOW_MS) this.#seen.shift()
    const [first] = this.#seen
    const seconds = (at - (first?.at ?? at)) / 1000
    if (!first || seconds === 0) return { bytes: 0, records: 0 }
    return { bytes: (bytes - first.bytes) / seconds, records: (records - first.records) / seconds }
  }
}

/** The last event of a run. */
export function endOf({ attempt, status }: Snapshot, receipt: KnownReceipt): RunEvent {
  const isDone = status === 'completed' || status === 'planned'
  return { id: `${attempt}-${status}`, event: isDone ? 'receipt' : 'failed', data: receipt }
}

export function textOf({ id, event, data }: RunEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
