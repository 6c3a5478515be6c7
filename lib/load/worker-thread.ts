import { Worker } from 'node:worker_threads'
import { DasyError } from '../base/errors.js'
import type { Connection } from '../db/client.js'
import { isTraced, publishStatement } from '../db/trace.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import { fromPlain, type Reply, type Request, type WorkerData } from './protocol.js'
import type { LoadedRange, RangeWorker } from './range-worker.js'

interface Waiting {
  resolve(reply: Reply): void
  reject(error: unknown): void
}

/** One worker thread. It handles one request at a time. When it fails or ends, that request and all later ones fail. */
export class WorkerThread implements RangeWorker {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  readonly #ordinal: number
  #waiting: Waiting | undefined
  #connected = false
  #failure: { error: unknown } | undefined
  #ending: Promise<void> | undefined

  constructor(ordinal: number) {
    this.#ordinal = ordinal
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { ordinal, isTraced: isTraced() } satisfies WorkerData,
      // Buffers are outside the heap, so a small heap suffices and keeps a worker's memory small.
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
    })
    this.#worker.on('message', (reply: Reply) => this.#answered(reply))
    this.#worker.on('error', (error) => this.#failed(error))
    this.#worker.on('messageerror', (error) => this.#failed(error))
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (status) => {
        this.#failed(
          new DasyError('WORKER_DIED', `worker ${this.#ordinal} ended unexpectedly (status ${status})`, {
            hint: 'If this happens again, use fewer --workers.',
          }),
        )
        resolve()
      })
    })
  }

  /** Starts to connect, with a session of its own. */
  connect(connection: Connection): void {
    this.#connected = true
    this.#worker.postMessage({ type: 'connect', connection } satisfies Request)
  }

  async begin(plan: LoadPlan): Promise<void> {
    await this.#ask({ type: 'begin', plan })
  }

  /** Transfers the range's block, if it has one, to the thread; the reply transfers it back. */
  async load(range: Range): Promise<LoadedRange> {
    const reply = await this.#ask({ type: 'load', range }, range.block && [range.block.buffer as ArrayBuffer])
    return reply as Extract<Reply, { type: 'done' }>
  }

  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  async #end(): Promise<void> {
    // Without a connection there is nothing to close, and the thread may not even have started.
    if (!this.#connected) return await this.terminate()
    this.#worker.postMessage({ type: 'end' } satisfies Request)
    await this.#exited
  }

  #ask(request: Request, handed: ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error)
        return
      }
      this.#waiting = { resolve, reject }
      this.#worker.postMessage(request, handed)
    })
  }

  #answered(reply: Reply): void {
    if (reply.type === 'statement') {
      publishStatement(reply.statement)
      return
    }
    if (reply.type === 'failed') {
      this.#failed(fromPlain(reply.error))
      return
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(reply)
  }

  #failed(error: unknown): void {
    this.#failure ??= { error }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(this.#failure.error)
  }
}
