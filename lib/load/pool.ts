import pLimit from 'p-limit'
import type { Connection } from '../db/client.js'
import { isBusy } from '../db/retry.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import type { Loaded } from './protocol.js'
import { WorkerThread } from './worker-thread.js'

/** Ranges that are cut ahead of the workers: enough that no worker waits, few enough to need little memory. */
const QUEUED_PER_WORKER = 2

/**
 * The worker threads of a run. They start at once, which takes about as long as the main session needs to connect.
 * `load` gives each thread the next range as soon as it is free. The first failure of a thread fails the load.
 */
export class WorkerPool {
  readonly #threads: WorkerThread[]

  constructor(workers: number) {
    this.#threads = Array.from({ length: workers }, (_, index) => new WorkerThread(index + 1))
  }

  get size(): number {
    return this.#threads.length
  }

  /** To be called when the main session is connected: if the server has few connections left, that one comes first. */
  connect(connection: Connection): void {
    for (const thread of this.#threads) thread.connect(connection)
  }

  /**
   * Stages every range.
   * @param staged called for each range that is committed, with the range's block to reuse
   * @throws the first failure of a worker or of `ranges`
   */
  async load(
    plan: LoadPlan,
    ranges: AsyncIterable<Range>,
    staged: (range: Range, loaded: Loaded, block: Uint8Array | undefined) => void,
  ): Promise<void> {
    const idle: WorkerThread[] = []
    // One task per thread that is ready, so a task that starts always finds an idle thread, unless one has failed.
    const limit = pLimit(1)
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined
    const fail = (error: unknown): void => {
      failure ??= { error }
    }

    let ready = 0
    const begun = this.#begin(plan, fail, (thread) => {
      idle.push(thread)
      ready += 1
      limit.concurrency = ready
    })

    const loadOne = async (range: Range): Promise<void> => {
      await begun
      if (failure) return
      const thread = idle.pop()
      try {
        // A range that nobody loads must not be lost without an error.
        if (!thread) throw new Error(`no worker is free for the range at byte ${range.start}`)
        const { loaded, block } = await thread.load(range)
        staged(range, loaded, block)
        idle.push(thread)
      } catch (error) {
        fail(error)
      }
    }

    for await (const range of ranges) {
      if (failure) break
      const task = limit(loadOne, range).finally(() => running.delete(task))
      running.add(task)
      while (limit.pendingCount > QUEUED_PER_WORKER * this.size) await Promise.race(running)
    }
    await Promise.all(running)
    if (failure) throw failure.error
  }

  /** Lets each thread close its connection and end. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Ends the threads at once; PostgreSQL rolls back their transactions. */
  async terminate(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  /**
   * Resolves as soon as one thread is ready or the load has failed. If the server lacks connections for some of the
   * threads, the others do the work.
   */
  async #begin(
    plan: LoadPlan,
    fail: (error: unknown) => void,
    ready: (thread: WorkerThread) => void,
  ): Promise<void> {
    const begun = this.#threads.map((thread) =>
      thread.begin(plan).then(
        () => ready(thread),
        (error) => {
          if (isBusy(error)) throw error
          fail(error)
        },
      ),
    )
    await Promise.any(begun).catch(({ errors }: AggregateError) => fail(errors[0]))
  }
}
