import type { WorkerThread } from './worker-thread.js'

interface Waiting {
  resolve(thread: WorkerThread): void
  reject(error: unknown): void
}

/** The threads that have nothing to do, and who waits for one. */
export class IdleWorkers {
  readonly #free: WorkerThread[] = []
  readonly #waiting: Waiting[] = []
  #failure: { error: unknown } | undefined

  give(thread: WorkerThread): void {
    const next = this.#waiting.shift()
    if (next) next.resolve(thread)
    else this.#free.push(thread)
  }

  /** @throws what `fail` was told */
  take(): Promise<WorkerThread> {
    const thread = this.#free.pop()
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure.error)
      else if (thread) resolve(thread)
      else this.#waiting.push({ resolve, reject })
    })
  }

  /** There will be no more threads. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
