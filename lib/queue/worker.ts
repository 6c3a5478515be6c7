import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskList } from 'graphile-worker'
import type { Listener } from '../contract/events.js'
import type { QueueNews } from '../contract/queue-events.js'
import type { Database } from '../db/database.js'
import { KeptSessions } from '../db/kept-sessions.js'
import { findDue, forgetOld, type Outgoing } from '../outbox/send.js'
import { Senders } from '../outbox/senders.js'
import { JobPool } from './job-pool.js'
import { Presence } from './presence.js'
import { isSomethingLeft, schedule, sweep } from './schedule.js'
import { SessionPool } from './session-pool.js'
import { Turn } from './turn.js'

/** How often a worker looks for what killed workers left. */
const SWEEP_MS = 5000
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
      if (await this.#turn(queue, worker).run())
        await this.#presence.use((session) => schedule(session, queue))
    } catch (error) {
      // The run is still in the queue, and some worker's next repair finds it.
      if (!signal.aborted) this.#options.listenerOf(0)?.({ type: 'note', text: (error as Error).message })
    } finally {
      this.#jobs -= 1
      await this.#endIfNothingIsLeft().catch(() => {})
    }
  }

  /** What loads or jobs have left to be sent. */
  async #sendWhatIsDue(): Promise<boolean> {
    if (this.#options.tasks) return false
    const due = await this.#presence.use(findDue)
    for (const outgoing of due) this.#senders.start(outgoing)
    return due.length > 0
  }

  #turn(queue: string, worker: string): Turn {
    const { host, signal, tell, listenerOf, onDone, allowPrivateUrls = false } = this.#options
    return new Turn(queue, worker, {
      database: this.#database,
      kept: this.#kept,
      presence: this.#presence,
      atWork: this.#atWork,
      ending: this.#ending.signal,
      ended: (run, event) => {
        this.#endings.set(run, event.type)
        tell(event)
      },
      host,
      signal,
      tell,
      listenerOf,
      onDone,
      allowPrivateUrls,
    })
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
