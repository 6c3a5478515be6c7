import { isLoad } from '../changes/resumed-change.js'
import { Events } from '../contract/events.js'
import type { ResumeOptions } from '../contract/options.js'
import { hasBegun, type StoredRun } from '../ledger/stored-run.js'
import type { RunEnvironment } from '../run/attempts.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { PreparedLoad } from '../run/prepared-load.js'
import { type OfQueue, ReopenedLoad } from './reopened-load.js'

/** A small load of the queue that nobody has begun, and what could be done of it in advance. Closing it twice does no harm. */
export class PreparedRun implements AsyncDisposable {
  private constructor(
    readonly stored: StoredRun,
    readonly reopened: ReopenedLoad,
    readonly load: PreparedLoad,
  ) {}

  /**
   * @returns undefined if nothing is gained by it, or if there is something to tell about it: that is for the load itself
   * @throws DasyError as the load would
   */
  static async prepare(
    stored: StoredRun,
    options: ResumeOptions,
    place: Pick<RunEnvironment, 'database' | 'kept'>,
    ofQueue: OfQueue,
  ): Promise<PreparedRun | undefined> {
    if (!isLoad(stored) || stored.outcome !== null || hasBegun(stored)) return undefined
    // A URL would be asked twice, if it were in vain.
    if (!stored.sources.every(({ kind }) => kind === 'file')) return undefined
    const events = new Events()
    let isTold = false
    events.subscribe(() => {
      isTold = true
    })
    const { signal } = options
    const reopened = await ReopenedLoad.open(stored, options, { signal, note: events.note }, ofQueue)
    try {
      const environment = { ...place, signal, events, timer: new PhaseTimer() }
      const load = PreparedLoad.isWorthwhile(reopened.task)
        ? await PreparedLoad.prepare(reopened.task, environment)
        : undefined
      const prepared = load && new PreparedRun(stored, reopened, load)
      if (prepared && !isTold) return prepared
      await (prepared ?? reopened)[Symbol.asyncDispose]()
      return undefined
    } catch (error) {
      await reopened[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.load[Symbol.asyncDispose]()
    } finally {
      await this.reopened[Symbol.asyncDispose]()
    }
  }
}
