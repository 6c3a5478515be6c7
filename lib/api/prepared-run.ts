import { Events } from '../contract/events.js'
import type { ResumeOptions } from '../contract/options.js'
import { hasBegun, type StoredRun } from '../ledger/stored-run.js'
import type { RunEnvironment } from '../run/attempts.js'
import { PhaseTimer } from '../run/phase-timer.js'
import { PreparedLoad } from '../run/prepared-load.js'
import { type OfQueue, ReopenedLoad } from './reopened-load.js'

/** A run of the queue that nobody has begun, and what could be done of it in advance. */
export class PreparedRun implements AsyncDisposable {
  private constructor(
    readonly stored: StoredRun,
    readonly reopened: ReopenedLoad,
    readonly load: PreparedLoad,
  ) {}

  /**
   * Prepares a load of files. (A URL would be asked twice, if it were in vain.)
   * @returns undefined if it cannot be, or if there is something to tell about it: that is for the load itself
   */
  static async prepare(
    stored: StoredRun,
    options: ResumeOptions,
    place: Pick<RunEnvironment, 'database' | 'kept'>,
    ofQueue: OfQueue,
  ): Promise<PreparedRun | undefined> {
    if (stored.outcome !== null || hasBegun(stored)) return undefined
    if (!stored.sources.every(({ kind }) => kind === 'file')) return undefined
    const { signal } = options
    const events = new Events()
    let isTold = false
    events.subscribe(() => {
      isTold = true
    })
    const reopened = await ReopenedLoad.open(stored, options, { signal, note: events.note }, ofQueue)
    try {
      const environment = { ...place, signal, events, timer: new PhaseTimer() }
      const prepared = new PreparedRun(
        stored,
        reopened,
        await PreparedLoad.prepare(reopened.task, environment),
      )
      if (!isTold) return prepared
      await prepared.load[Symbol.asyncDispose]()
    } catch {}
    await reopened[Symbol.asyncDispose]()
    return undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.load[Symbol.asyncDispose]()
    await this.reopened[Symbol.asyncDispose]()
  }
}
