import pLimit from 'p-limit'
import type { Connection } from '../db/client.js'
import { isBusy } from '../db/retry.js'
import type { Session } from '../db/session.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { LocalWorker } from './local-worker.js'
import type { Loaded } from './protocol.js'
import type { RangeWorker } from './range-worker.js'

export type { Loaded }

/** Ranges that are cut ahead of the workers: enough that no worker waits, few enough to need little memory. */
const QUEUED_PER_WORKER = 2

/**
 * The workers of a run. `load` gives each the next range as soon as it is free. The first failure of a worker fails the
 * load.
 */
export class WorkerPool {
  readonly #workers: readonly RangeWorker[]

  private constructor(workers: readonly RangeWorker[]) {
    this.#workers = workers
  }

  /** Threads. They start at once, which takes about as long as the main session needs to connect. */
  static async ofThreads(count: number): Promise<WorkerPool> {
    // Loaded only if it is used, because that takes time.
    const { WorkerThread } = await import('./worker-thread.js')
    return new WorkerPool(Array.from({ length: count }, (_, index) => new WorkerThread(index + 1)))
  }

  /** One worker in the main thread. */
  static local(): WorkerPool {
    return new WorkerPool([new LocalWorker()])
  }

  get size(): number {
    return this.#workers.length
  }

  /** To be called when the main session is connected: if the server has few connections left, that one comes first. */
  connect(connection: Connection, main: Session): void {
    for (const worker of this.#workers) worker.connect(connection, main)
  }

  /**
   * Stages every range.
   * @param staged called for each range that is committed, with the range's block to reuse
   * @throws the first failure of a worker or of `ranges`
   */
  async load(
    plan: LoadPlan,
    ranges: AsyncIterable<Range> | Iterable<Range>,
    staged: (range: Range, loaded: Loaded, block: Uint8Array | undefined) => void,
  ): Promise<void> {
    const idle: RangeWorker[] = []
    // One task per worker that is ready, so a task that starts always finds an idle one, unless one has failed.
    const limit = pLimit(1)
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined
    const fail = (error: unknown): void => {
      failure ??= { error }
    }

    let ready = 0
    const begun = this.#begin(plan, fail, (worker) => {
      idle.push(worker)
      ready += 1
      limit.concurrency = ready
    })

    const loadOne = async (range: Range): Promise<void> => {
      await begun
      if (failure) return
      const worker = idle.pop()
      try {
        // A range that nobody loads must not be lost without an error.
        if (!worker) throw new Error(`no worker is free for the range at byte ${range.start}`)
        const { loaded, block } = await worker.load(range)
        staged(range, loaded, block)
        idle.push(worker)
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

  /** Lets each worker close its connection and end. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Ends the workers at once; PostgreSQL rolls back their transactions. */
  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  /**
   * Resolves as soon as one worker is ready or the load has failed. If the server lacks connections for some of them, the
   * others do the work.
   */
  async #begin(
    plan: LoadPlan,
    fail: (error: unknown) => void,
    ready: (worker: RangeWorker) => void,
  ): Promise<void> {
    const begun = this.#workers.map((worker) =>
      worker.begin(plan).then(
        () => ready(worker),
        (error) => {
          if (isBusy(error)) throw error
          fail(error)
        },
      ),
    )
    await Promise.any(begun).catch(({ errors }: AggregateError) => fail(errors[0]))
  }
}
