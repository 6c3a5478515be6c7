import type { TuningSettings } from '../contract/settings.js'
import type { Session } from './session.js'
import { number, sql, statement } from './sql.js'

/**
 * Planner and memory settings of a run's transactions (sql/db/tune.sql gives the reason of each). They end with the
 * transaction. The user chooses the two that burden a shared server.
 */
export class Tuning {
  /** The memory that one sort or hash table may use before it spills to disk, in kB. */
  readonly #workMem: number
  /** The parallel workers of a statement. Undefined: as many as the server allows. */
  readonly #parallel: number | undefined

  constructor({ workMem, parallel }: Pick<TuningSettings, 'workMem' | 'parallel'>) {
    this.#workMem = workMem
    this.#parallel = parallel
  }

  /** Statements that apply the settings until the end of the transaction. */
  get settings(): string {
    return this.#text()
  }

  async apply(session: Session): Promise<void> {
    await session.run(this.settings)
  }

  /** For statements without parallel workers, because another session uses the other processor. */
  async applyAlone(session: Session): Promise<void> {
    await session.run(this.#text('db/tune_alone'))
  }

  /** Like `applyAlone`, and makes GROUP BY use a hash table. */
  async applyForHashing(session: Session): Promise<void> {
    await session.run(this.#text('db/tune_alone', 'db/tune_hashing'))
  }

  /** The settings, and others of these files: several statements in one message. */
  #text(...others: readonly string[]): string {
    const parallel = this.#parallel === undefined ? sql`NULL` : number(this.#parallel)
    const tuned = statement('db/tune', { work_mem: number(this.#workMem), parallel })
    return [tuned, ...others.map((path) => statement(path))].join(';\n')
  }

  /** How many rows a hash aggregate can keep in memory; its limit is twice work_mem (hash_mem_multiplier). */
  rowsInMemory(bytesPerRow: number): number {
    return Math.floor((2 * this.#workMem * 1024) / bytesPerRow)
  }
}
