import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskList } from 'graphile-worker'
import { applyQueued } from '../api/apply.js'
import { loadQueued } from '../api/resume.js'
import { type Listener, tellTaken } from '../contract/events.js'
import type { QueueNews } from '../contract/queue-events.js'
import type { Receipt } from '../contract/receipt.js'
import type { Database } from '../db/database.js'
import { KeptSessions } from '../db/kept-sessions.js'
import { findStored, runNotFound } from '../ledger/stored-run.js'
import { findDue, forgetOld, type Outgoing } from '../outbox/send.js'
import { Senders } from '../outbox/senders.js'
import { interruptedOr } from '../run/cancellation.js'
import { JobPool } from './job-pool.js'
import { failureOf, resultOf } from './outcome.js'
import { Presence } from './presence.js'
import { isSomethingLeft, schedule, settle, sweep, type TakenRun, take } from './schedule.js'
import { SessionPool } from './session-pool.js'

/** How often a worker looks for what killed workers left. */
const SWEEP_MS = 5000
/** How long it goes on with the runs of one table, before it looks whether another table has its turn. */
const TURN_MS = 1000
/** A worker that ends when nothing is left waits so long for a run that is tried again. */
const SOON_SECONDS = 60

/** How the loads of a worker ended, the last attempt of each. */
export type Endings = Map<number, QueueNews['type']>

export interface WorkerOptions {
  readonly host: string
  /** Loads at a time. */
  readonly concurrency: number
  /** Whether it ends when nothing is left. */
  readonly once: boolean
  readonly signal: AbortSignal
  /** Whether the URLs that clients of the service have named may lead to private addresses. */
  readonly allowPrivateUrls?: boolean
  /** What it does in place of loads and messages. */
  readonly tasks?: TaskList
  /** Whether it sends messages, and loads nothing. */
  readonly onlySends?: boolean
  /** Whether webhooks may have private addresses. */
  readonly allowPrivateWebhooks?: boolean
  readonly tell: (event: QueueNews) => void
  /** Called when it has done with a run, clean-up included: later than it was told that the rows are visible. */
  readonly onDone?: (run: number) => void
  /** Gets the events of a load. */
  readonly listenerOf: (run: number) => Listener | undefined
}

/** Takes runs from the queue and loads them, until it is stopped. */
export class QueueWorker {
  readonly #database: Database
  readonly #options: WorkerOptions
  readonly #presence: Presence
  readonly #senders: Senders
  readonly #kept = new KeptSessions()
  readonly #atWork = new Set<number>()
  readonly #endings: Endings = new Map()
  /** Aborted when the worker is to end: it was asked to, or nothing is left. */
  readonly #ending = new AbortController()
  #jobs = 0

  constructor(database: Database, options: WorkerOptions) {
    this.#database = database
    this.#options = options
    this.#presence = new Presence(database, options.signal)
    this.#senders = new Senders({
      database,
      mayBePrivate: options.allowPrivateWebhooks ?? false,
      signal: this.#ending.signal,
      note: (text) => options.listenerOf(0)?.({ type: 'note', text }),
    })
  }

  /** @returns how its loads ended */
  async run(): Promise<Endings> {
    const { signal } = this.#options
    const end = (): void => this.#ending.abort()
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    await using _ = this.#presence
    await using __ = this.#kept
    try {
      await this.#presence.use(sweep)
      await this.#endIfNothingIsLeft()
      const repairs = this.#repairNowAndThen()
      while (!this.#ending.signal.aborted) await this.#takeJobs()
      await repairs
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', end)
    }
    return this.#endings
  }

  /** Until the end, or until the pool gives up because the database was gone: then the loop above starts another one. */
  async #takeJobs(): Promise<void> {
    const { host, concurrency } = this.#options
    await using sessions = new SessionPool(this.#database)
    const tasksOf = (id: () => string): TaskList => {
      const task = (payload: unknown) => this.#work((payload as { queue: string }).queue, id())
      // The job is only the call: it is sent beside the loads, however long that takes.
      const send = async (payload: unknown) => this.#senders.start(payload as Outgoing)
      const loads = this.#options.onlySends ? {} : { load: task, [`load on ${host}`]: task }
      return this.#options.tasks ?? { ...loads, send }
    }
    const jobs = new JobPool(sessions, { concurrency, tasksOf, hold: (id) => this.#presence.hold(id) })
    const ended = new Promise((resolve) => {
      this.#ending.signal.addEventListener('abort', resolve, { once: true })
    })
    await Promise.race([ended, jobs.ended])
    await jobs.stop(() => this.#untilIdle())
  }

  async #repairNowAndThen(): Promise<void> {
    const { signal } = this.#ending
    for (;;) {
      await sleep(SWEEP_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      await this.#presence.use(sweep).catch(() => {})
      await this.#sendWhatIsDue().catch(() => {})
      await this.#presence.use(forgetOld).catch(() => {})
      await this.#endIfNothingIsLeft().catch(() => {})
    }
  }

  /** Does the next runs of a queue. It never throws: then graphile-worker would try again at its own times. */
  async #work(queue: string, worker: string): Promise<void> {
    const { signal } = this.#options
    this.#jobs += 1
    try {
      if (await this.#takeTurn(queue, worker)) await this.#presence.use((session) => schedule(session, queue))
    } catch (error) {
      // The run is still in the queue, and some worker's next repair finds it.
      if (!signal.aborted) this.#options.listenerOf(0)?.({ type: 'note', text: (error as Error).message })
    } finally {
      this.#jobs -= 1
      await this.#endIfNothingIsLeft().catch(() => {})
    }
  }

  /**
   * One run after the other. When the rows of one are visible the next one begins, while what the former used is removed: that, and
   * the beginning, wait for the server most of the time.
   * @returns whether the queue may have more
   */
  async #takeTurn(queue: string, worker: string): Promise<boolean> {
    const { host } = this.#options
    const turn = performance.now() + TURN_MS
    let former = Promise.resolve()
    try {
      while (performance.now() < turn && !this.#ending.signal.aborted) {
        const taken = await this.#presence.use((session) => take(session, queue, worker, host))
        // A repeated statement may take again what this process is doing.
        if (!taken || this.#atWork.has(taken.run)) return false
        this.#atWork.add(taken.run)
        const before = former
        await new Promise<void>((resolve) => {
          const load = this.#load(taken, worker, resolve).finally(() => this.#atWork.delete(taken.run))
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

  /** What loads or jobs have left to be sent. */
  async #sendWhatIsDue(): Promise<boolean> {
    if (this.#options.tasks) return false
    const due = await this.#presence.use(findDue)
    for (const outgoing of due) this.#senders.start(outgoing)
    return due.length > 0
  }

  /** @param published called when the next run of this table may begin, unless this one is not loaded */
  async #load(taken: TakenRun, worker: string, published: () => void): Promise<void> {
    const { run, table, action, tuning, attempts, pinned } = taken
    const { signal, tell, listenerOf } = this.#options
    tellTaken(taken)
    tell({ type: 'run.started', data: { run, table, attempt: attempts + 1 } })
    let isTold = false
    const onPublished = (receipt: Receipt): void => {
      isTold = true
      this.#tellEnding(run, { type: 'run.completed', data: receipt })
      published()
    }
    try {
      const place = { database: this.#database, kept: this.#kept, onPublished }
      const options = { ...tuning, signal, onEvent: listenerOf(run) }
      const stored = await this.#presence.use((session) => findStored(session, run))
      if (!stored) throw runNotFound(run)
      const { allowPrivateUrls = false } = this.#options
      const ofQueue = { isPinned: pinned, allowPrivateUrls }
      const receipt =
        action === 'run'
          ? await loadQueued(stored, options, place, ofQueue)
          : await applyQueued(stored, { ...options, replan: action === 'replan' }, place)
      await this.#presence.use((session) => settle(session, run, worker, { staysInQueue: false }))
      const type = receipt.status === 'planned' ? 'run.planned' : 'run.completed'
      if (!isTold) this.#tellEnding(run, { type, data: receipt })
    } catch (error) {
      const result = resultOf(interruptedOr(error, signal), taken)
      await this.#presence.use((session) => settle(session, run, worker, result))
      this.#tellEnding(run, failureOf(taken, result))
    } finally {
      this.#options.onDone?.(run)
    }
  }

  #tellEnding(run: number, event: QueueNews): void {
    this.#endings.set(run, event.type)
    this.#options.tell(event)
  }

  async #endIfNothingIsLeft(): Promise<void> {
    if (!this.#options.once || this.#jobs > 0) return
    const { host } = this.#options
    const left = await this.#presence.use((session) => isSomethingLeft(session, host, SOON_SECONDS))
    if (left || this.#jobs > 0) return
    if ((await this.#sendWhatIsDue()) || !this.#senders.isIdle) return
    if (this.#jobs === 0) this.#ending.abort()
  }

  async #untilIdle(): Promise<void> {
    while (this.#jobs > 0 || !this.#senders.isIdle) await sleep(10)
  }
}

/** @throws what one of them throws, when both have ended */
async function bothEnd(first: Promise<void>, second: Promise<void>): Promise<void> {
  for (const ended of await Promise.allSettled([first, second]))
    if (ended.status === 'rejected') throw ended.reason
}
