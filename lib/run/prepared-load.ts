import { isDeepStrictEqual } from 'node:util'
import { inspectTarget } from '../catalog/target.js'
import { isAsStated } from '../source/reader.js'
import type { RunEnvironment } from './attempts.js'
import { isOneRange, LoadConnection, poolFor } from './connection.js'
import { Load, type LoadTask } from './load.js'
import { type Preflight, preflight } from './preflight.js'

/** What the first attempt at a load finds out before it claims its run. Nothing is recorded, so it may be done in vain. */
export class PreparedLoad implements AsyncDisposable {
  readonly connection: LoadConnection
  readonly checked: Preflight
  readonly #task: LoadTask

  private constructor(task: LoadTask, connection: LoadConnection, checked: Preflight) {
    this.#task = task
    this.connection = connection
    this.checked = checked
  }

  /** Whether it gains anything: a load that starts threads takes longer anyway. Files of SQL would have to be read again. */
  static isWorthwhile({ sources, settings: { tuning, hooks } }: LoadTask): boolean {
    return hooks.before.length + hooks.after.length === 0 && isOneRange(tuning, sources)
  }

  /** @throws DasyError as the load would */
  static async prepare(task: LoadTask, environment: RunEnvironment): Promise<PreparedLoad> {
    const load = new Load(task, environment)
    const connection = await LoadConnection.open(load, () => poolFor(task.settings.tuning, task.sources))
    try {
      return new PreparedLoad(task, connection, await preflight(load, connection))
    } catch (error) {
      await connection[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Whether the table is there, and all is as it was found. */
  async isUpToDate(): Promise<boolean> {
    const { target, sources } = this.checked
    const now = target && (await inspectTarget(this.connection.session, this.#task.settings.table, target))
    if (!now || !isDeepStrictEqual(now, target)) return false
    for (const { source } of sources)
      if (!source.location || !(await isAsStated(source.location))) return false
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]()
  }
}
