import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import type { Connection } from '../db/session.js'
import { DasyError } from '../errors.js'
import type { Range } from '../ranges/range.js'
import {
  fromPlain,
  type Loaded,
  type LoadPlan,
  type Reply,
  type Request,
  type WorkerSettings,
} from './protocol.js'

/** Ranges that may wait for a worker: enough that none is ever idle, few enough to need no memory. */
const WAITING_PER_WORKER = 2

/**
 * The worker threads of a run. They start (and connect) at once; `load` hands each the next range as soon as
 * it is free. The first failure of any of them is the failure of the load.
 */
export class WorkerPool {
  readonly #threads: WorkerThread[]

  constructor(connection: Connection, workers: number) {
    this.#threads = Array.from(
      { length: workers },
      (_, index) => new WorkerThread({ ordinal: index + 1, connection }),
    )
  }

  get size(): number {
    return this.#threads.length
  }

  /**
   * Stages every range.
   * @param staged told of each range that is committed
   * @throws the first failure of a worker or of `ranges`
   */
  async load(
    plan: LoadPlan,
    ranges: AsyncIterable<Range>,
    staged: (range: Range, loaded: Loaded) => void,
  ): Promise<void> {
    for (const thread of this.#threads) thread.begin(plan)
    const idle = [...this.#threads]
    const limit = pLimit(this.#threads.length)
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined

    const loadOne = async (range: Range): Promise<void> => {
      if (failure) return
      const thread = idle.pop() as WorkerThread
      try {
        staged(range, await thread.load(range))
      } catch (error) {
        failure ??= { error }
      } finally {
        idle.push(thread)
      }
    }

    for await (const range of ranges) {
      if (failure) break
      const task = limit(loadOne, range).finally(() => running.delete(task))
      running.add(task)
      while (limit.pendingCount > WAITING_PER_WORKER * this.#threads.length) await Promise.race(running)
    }
    await Promise.all(running)
    if (failure) throw failure.error
  }

  /** Lets the threads end by themselves, their connections closed in good order. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Ends the threads at once. PostgreSQL rolls back what they were at. */
  async terminate(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }
}

interface Waiting {
  resolve(loaded: Loaded): void
  reject(error: unknown): void
}

/** One thread. It works at one range at a time; whatever ends it fails that range. */
class WorkerThread {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  readonly #ordinal: number
  #waiting: Waiting | undefined
  #failure: { error: unknown } | undefined

  constructor(settings: WorkerSettings) {
    this.#ordinal = settings.ordinal
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: settings,
      // Buffers live outside the heap; a small young generation keeps a worker's memory small.
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
    })
    this.#worker.on('message', (reply: Reply) => this.#answered(reply))
    this.#worker.on('error', (error) => this.#failed(error))
    this.#worker.on('messageerror', (error) => this.#failed(error))
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (status) => {
        this.#failed(
          new DasyError('WORKER_DIED', `worker ${this.#ordinal} ended unexpectedly (status ${status})`, {
            hint: 'Run the command again; if it happens again, with fewer --workers.',
          }),
        )
        resolve()
      })
    })
  }

  begin(plan: LoadPlan): void {
    this.#send({ type: 'begin', plan })
  }

  load(range: Range): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error)
        return
      }
      this.#waiting = { resolve, reject }
      this.#send({ type: 'load', range })
    })
  }

  end(): Promise<void> {
    this.#send({ type: 'end' })
    return this.#exited
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #send(request: Request): void {
    this.#worker.postMessage(request)
  }

  #answered(reply: Reply): void {
    if (reply.type === 'failed') {
      this.#failed(fromPlain(reply.error))
      return
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(reply.loaded)
  }

  #failed(error: unknown): void {
    this.#failure ??= { error }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(this.#failure.error)
  }
}
