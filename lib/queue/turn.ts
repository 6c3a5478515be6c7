import { applyQueued } from '../api/apply.js'
import { PreparedRun } from '../api/prepared-run.js'
import { loadQueued } from '../api/resume.js'
import { type Listener, tellTaken } from '../contract/events.js'
import type { QueueNews } from '../contract/queue-events.js'
import type { Receipt } from '../contract/receipt.js'
import type { Database } from '../db/database.js'
import type { KeptSessions } from '../db/kept-sessions.js'
import { findStored, runNotFound } from '../ledger/stored-run.js'
import { interruptedOr } from '../run/cancellation.js'
import { LookAhead } from './look-ahead.js'
import { failureOf, resultOf } from './outcome.js'
import type { Presence } from './presence.js'
import { type Following, findFollowing, settle, type TakenRun, take } from './schedule.js'

/** How long a worker goes on with the runs of one table, before it looks whether another table has its turn. */
const TURN_MS = 1000

/** The worker whose turn it is, as all its turns share it. */
export interface TurnOptions {
  readonly database: Database
  readonly kept: KeptSessions
  readonly presence: Presence
  readonly host: string
  /** The runs that this process is loading. */
  readonly atWork: Set<number>
  readonly allowPrivateUrls: boolean
  /** Aborted to interrupt what is loaded. */
  readonly signal: AbortSignal
  /** Aborted when no further run is to be begun. */
  readonly ending: AbortSignal
  readonly listenerOf: (run: number) => Listener | undefined
  readonly tell: (event: QueueNews) => void
  readonly ended: (run: number, event: QueueNews) => void
  readonly onDone: ((run: number) => void) | undefined
}

/** One worker at one queue: loads its runs one after the other, as long as it is its turn. */
export class Turn {
  readonly #queue: string
  readonly #worker: string
  readonly #options: TurnOptions

  constructor(queue: string, worker: string, options: TurnOptions) {
    this.#queue = queue
    this.#worker = worker
    this.#options = options
  }

  /**
   * When the rows of a run are visible the next one begins, while what the former used is removed: that, and the beginning, wait for
   * the server most of the time.
   * @returns whether the queue may have more
   */
  async run(): Promise<boolean> {
    const { presence, host, ending, atWork } = this.#options
    const end = performance.now() + TURN_MS
    await using ahead = this.#lookAhead()
    let former = Promise.resolve()
    try {
      while (performance.now() < end && !ending.aborted) {
        const taking = presence.use((session) => take(session, this.#queue, this.#worker, host))
        const prepared = await ahead.of(taking)
        const taken = await taking
        // A repeated statement may take again what this process is doing.
        if (!taken || atWork.has(taken.run)) {
          await prepared?.[Symbol.asyncDispose]()
          return false
        }
        atWork.add(taken.run)
        const before = former
        await new Promise<void>((resolve) => {
          const place = {
            onStaged: (records: number) => ahead.begin(taken.run, records),
            onPublished: resolve,
          }
          const load = this.#load(taken, place, prepared).finally(() => atWork.delete(taken.run))
          former = bothEnd(before, load)
          former.then(resolve, resolve)
        })
        await before
      }
      return true
    } finally {
      await former
    }
  }

  #lookAhead(): LookAhead {
    const { presence, host } = this.#options
    return new LookAhead(
      (run) => presence.use((session) => findFollowing(session, this.#queue, run, host)),
      async (next) => {
        const stored = await presence.use((session) => findStored(session, next.run))
        const { place, options, ofQueue } = this.#how(next)
        return stored && (await PreparedRun.prepare(stored, options, place, ofQueue))
      },
    )
  }

  /** @param place is told when the next run may be prepared, and begun, unless this one is not loaded */
  async #load(
    taken: TakenRun,
    { onStaged, onPublished }: { onStaged: (records: number) => void; onPublished: () => void },
    prepared: PreparedRun | undefined,
  ): Promise<void> {
    const { run, table, action, attempts } = taken
    const { presence, signal, tell, ended, listenerOf, onDone } = this.#options
    await using _ = prepared
    tellTaken(taken)
    tell({ type: 'run.started', data: { run, table, attempt: attempts + 1 } })
    let isTold = false
    const published = (receipt: Receipt): void => {
      isTold = true
      ended(run, { type: 'run.completed', data: receipt })
      onPublished()
    }
    try {
      const how = this.#how(taken)
      const place = { ...how.place, onStaged, onPublished: published }
      const options = { ...how.options, onEvent: listenerOf(run) }
      const stored = prepared?.stored ?? (await presence.use((session) => findStored(session, run)))
      if (!stored) throw runNotFound(run)
      const receipt =
        action === 'run'
          ? await loadQueued(stored, options, place, how.ofQueue, prepared)
          : await applyQueued(stored, { ...options, replan: action === 'replan' }, place)
      await presence.use((session) => settle(session, run, this.#worker, { staysInQueue: false }))
      const type = receipt.status === 'planned' ? 'run.planned' : 'run.completed'
      if (!isTold) ended(run, { type, data: receipt })
    } catch (error) {
      const result = resultOf(interruptedOr(error, signal), taken)
      await presence.use((session) => settle(session, run, this.#worker, result))
      ended(run, failureOf(taken, result))
    } finally {
      onDone?.(run)
    }
  }

  /** How a run is loaded, and prepared. */
  #how({ tuning, pinned }: Pick<Following, 'tuning' | 'pinned'>) {
    const { database, kept, signal, allowPrivateUrls } = this.#options
    return {
      place: { database, kept },
      options: { ...tuning, signal },
      ofQueue: { isPinned: pinned, allowPrivateUrls },
    }
  }
}

/** @throws what one of them throws, when both have ended */
async function bothEnd(first: Promise<void>, second: Promise<void>): Promise<void> {
  for (const ended of await Promise.allSettled([first, second]))
    if (ended.status === 'rejected') throw ended.reason
}
