import pLimit from 'p-limit'
import type { Connection } from '../db/client.js'
import { isBusy } from '../db/retry.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { IdleWorkers } from './idle-workers.js'
import type { Loaded } from './protocol.js'
import { WorkerThread } from './worker-thread.js'

/** Ranges that may wait for a worker: enough that none is ever idle, few enough to need no memory. */
const WAITING_PER_WORKER = 2

/**
 * The worker threads of a run. They start at once, which takes as long as the main session needs to connect; `load`
 * hands each the next range as soon as it is free. The first failure of any of them is the failure of the load.
 */
export class WorkerPool {
  readonly #threads: WorkerThread[]

  constructor(workers: number) {
    this.#threads = Array.from({ length: workers }, (_, index) => new WorkerThread(index + 1))
  }

  get size(): number {
    return this.#threads.length
  }

  /** Not before the main session has a connection: the server may have only a few left. */
  connect(connection: Connection): void {
    for (const thread of this.#threads) thread.connect(connection)
  }

  /**
   * Stages every range.
   * @param staged told of each range that is committed; gets its block back
   * @throws the first failure of a worker or of `ranges`
   */
  async load(
    plan: LoadPlan,
    ranges: AsyncIterable<Range>,
    staged: (range: Range, loaded: Loaded, block: Uint8Array | undefined) => void,
  ): Promise<void> {
    const idle = this.#begin(plan)
    const limit = pLimit(this.#threads.length)
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined

    const loadOne = async (range: Range): Promise<void> => {
      if (failure) return
      try {
        const thread = await idle.take()
        const { loaded, block } = await thread.load(range)
        staged(range, loaded, block)
        idle.give(thread)
      } catch (error) {
        failure ??= { error }
        idle.fail(error)
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

  /** Where the server has not a connection for every thread, those that have one do the work. */
  #begin(plan: LoadPlan): IdleWorkers {
    const idle = new IdleWorkers()
    let hopeful = this.#threads.length
    for (const thread of this.#threads) {
      thread.begin(plan).then(
        () => idle.give(thread),
        (error) => {
          hopeful -= 1
          if (hopeful === 0 || !isBusy(error)) idle.fail(error)
        },
      )
    }
    return idle
  }
}
