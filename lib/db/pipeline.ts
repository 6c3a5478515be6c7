import type pg from 'pg'
import { beginPipeline, endPipeline } from './client.js'
import { sqlState } from './failures.js'

const IN_FAILED_TRANSACTION = '25P02'

/** The statements of a connection that have begun and not ended: one, or several that were sent together. */
export class Pipeline {
  readonly #client: pg.Client
  readonly #whenIdle: (() => void)[] = []
  #running = 0
  #busySince: number | undefined

  constructor(client: pg.Client) {
    this.#client = client
  }

  /** When the current statement began, by `performance.now()`; undefined if there is none. */
  get busySince(): number | undefined {
    return this.#busySince
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#busySince = performance.now()
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
      this.#busySince = this.#running > 0 ? performance.now() : undefined
      if (this.#running === 0) this.#becomeIdle()
    }
  }

  /** Waits for all answers. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** @see Session.together */
  async together<Results extends readonly unknown[] | []>(
    begin: () => { readonly [Index in keyof Results]: Promise<Results[Index]> },
  ): Promise<Results> {
    const begun = beginPipeline(this.#client, begin)
    if (this.#running === 0) this.#becomeIdle()
    const ended = await Promise.allSettled(begun)
    const failures = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    // Those that follow only say that the transaction has failed.
    if (failures.length > 0)
      throw failures.find((error) => sqlState(error) !== IN_FAILED_TRANSACTION) ?? failures[0]
    return (await Promise.all(begun)) as unknown as Results
  }

  #becomeIdle(): void {
    endPipeline(this.#client)
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
