import { isDeepStrictEqual } from 'node:util'
import type { PreparedRun } from '../api/prepared-run.js'
import type { Following, TakenRun } from './schedule.js'

/** Of so many records the merge takes so long that what could be gained is little, and what was prepared would be old. */
const MOST_RECORDS = 10_000

interface Ahead {
  readonly next: Following
  readonly prepared: PreparedRun
}

/** Prepares the next run of a queue, if it is small, while the server merges the records of the one before it. */
export class LookAhead implements AsyncDisposable {
  readonly #find: (run: number) => Promise<Following | undefined>
  readonly #prepare: (next: Following) => Promise<PreparedRun | undefined>
  #ahead: Promise<Ahead | undefined> = Promise.resolve(undefined)

  /** @param find the run that follows another one */
  constructor(
    find: (run: number) => Promise<Following | undefined>,
    prepare: (next: Following) => Promise<PreparedRun | undefined>,
  ) {
    this.#find = find
    this.#prepare = prepare
  }

  /** Called when so many records of a run are staged. An error will be met again when the next run is loaded. */
  begin(run: number, records: number): void {
    if (records > MOST_RECORDS) return
    const before = this.#discard()
    this.#ahead = before.then(() => this.#look(run)).catch(() => undefined)
  }

  /** @returns what was prepared of the run that is being taken, if it is still so; the caller closes it */
  async of(taking: Promise<TakenRun | undefined>): Promise<PreparedRun | undefined> {
    const taken = taking.catch(() => undefined)
    const ahead = await this.#ahead
    if (!ahead) return undefined
    const isUpToDate = await ahead.prepared.load.isUpToDate().catch(() => false)
    if (isUpToDate && isSame(ahead.next, await taken)) {
      this.#ahead = Promise.resolve(undefined)
      return ahead.prepared
    }
    await this.#discard()
    return undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard()
  }

  async #look(run: number): Promise<Ahead | undefined> {
    const next = await this.#find(run)
    const prepared = next?.action === 'run' ? await this.#prepare(next) : undefined
    return next && prepared && { next, prepared }
  }

  async #discard(): Promise<void> {
    const former = this.#ahead
    this.#ahead = Promise.resolve(undefined)
    await (await former)?.prepared[Symbol.asyncDispose]().catch(() => {})
  }
}

function isSame(next: Following, taken: TakenRun | undefined): boolean {
  if (!taken) return false
  const { run, action, tuning, pinned, begun } = taken
  return isDeepStrictEqual(next, { run, action, tuning, pinned, begun })
}
