import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskList, WorkerEvents, WorkerPool } from 'graphile-worker'
import type pg from 'pg'
import { QUEUE_SCHEMA } from '../base/own-schema.js'
import { graphileWorker } from './graphile.js'
import type { SessionPool } from './session-pool.js'

/** How often it asks for jobs whose time has come; of new ones it is notified. */
const POLL_MS = 2000
/** How long it may take to end once all jobs have stopped. */
const STOP_MS = 1000

export interface JobPoolOptions {
  /** Jobs at a time. */
  readonly concurrency: number
  /** @param id whose jobs they are, in the database */
  readonly tasksOf: (id: () => string) => TaskList
  /** Called before it takes the first job. */
  readonly hold: (id: string) => Promise<void>
}

/** What takes jobs from the queue: graphile-worker's pool, which may give up while the database is gone. */
export class JobPool {
  /** Resolves when it is of no more use, a while after. */
  readonly ended: Promise<unknown>
  readonly #jobs: WorkerPool
  readonly #failed: Promise<void>
  #hasBegun = false
  #isStopping = false
  #hasFailed = false

  constructor(sessions: SessionPool, { concurrency, tasksOf, hold }: JobPoolOptions) {
    const { Logger, runTaskList } = graphileWorker()
    const events = new EventEmitter() as WorkerEvents
    this.#failed = this.#failure(events)
    const startWorker = (_: unknown, { worker }: { worker: { workerPool: { id: string } } }) =>
      hold(worker.workerPool.id)
    // One that ends with an error prints it, with its stack.
    const stopWorker = () => (this.#hasFailed ? new Promise<void>(() => {}) : undefined)
    const options = {
      schema: QUEUE_SCHEMA,
      concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
      events,
      preset: {
        plugins: [{ name: 'dasy', version: '1', worker: { hooks: { startWorker, stopWorker } } }],
        // Otherwise a job that cannot be completed, because the database is gone, ends the process.
        worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
      },
    }
    let started: WorkerPool | undefined
    const tasks = tasksOf(() => (started as WorkerPool).id)
    started = runTaskList(options, tasks, sessions as unknown as pg.Pool)
    this.#jobs = started
    const givenUp = Promise.resolve(started.promise).catch(() => {})
    this.ended = Promise.race([givenUp, this.#failed]).then(() => sleep(POLL_MS, undefined, { ref: false }))
  }

  /**
   * Whoever fails to ask for the first job fails for ever, because graphile-worker keeps the answer to what it asks at first. Later
   * it asks again. While it is being stopped, nothing is to come any more.
   */
  #failure(events: WorkerEvents): Promise<void> {
    const begun = (): void => {
      this.#hasBegun = true
    }
    events.on('worker:getJob:empty', begun)
    events.on('job:start', begun)
    return new Promise((resolve) => {
      events.on('worker:getJob:error', () => {
        if (this.#isStopping) this.#hasFailed = true
        if (this.#isStopping || !this.#hasBegun) resolve()
      })
    })
  }

  /** Takes no more jobs. @param idle waits for those that are at work */
  async stop(idle: () => Promise<void>): Promise<void> {
    this.#isStopping = true
    const stopped = Promise.resolve(this.#jobs.gracefulShutdown()).catch(() => {})
    await idle()
    await Promise.race([stopped, this.#failed, sleep(STOP_MS, undefined, { ref: false })])
  }
}
