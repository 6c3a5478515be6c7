import type { TuningSettings } from '../contract/settings.js'
import type { Session } from './session.js'
import { statement } from './sql.js'

/**
 * What a run sets for its own transactions, and for nobody else: all of it is said in sql/merge/tune.sql. The two that
 * weigh on a shared server are the user's to choose.
 */
export class Tuning {
  /** What a sort or a hash table of one session may take before it spills, in kB. */
  readonly #workMem: number
  /** Processes that may help a statement. Undefined: as many as the server gives. */
  readonly #parallel: number | undefined

  constructor({ workMem, parallel }: Pick<TuningSettings, 'workMem' | 'parallel'>) {
    this.#workMem = workMem
    this.#parallel = parallel
  }

  /** Within a transaction, until its end. */
  async apply(session: Session): Promise<void> {
    await session.run(statement('merge/tune'), [this.#workMem, this.#parallel ?? null])
  }

  /** The same for statements that a session does alone, while another one has the other processor. */
  async applyAlone(session: Session): Promise<void> {
    await this.apply(session)
    await session.run(statement('merge/tune_alone'))
  }

  /** And that group by hashing. */
  async applyForHashing(session: Session): Promise<void> {
    await this.applyAlone(session)
    await session.run(statement('merge/tune_hashing'))
  }

  /** Rows that a hash aggregate holds in memory; its limit is twice work_mem (hash_mem_multiplier). */
  rowsInMemory(bytesPerRow: number): number {
    return Math.floor((2 * this.#workMem * 1024) / bytesPerRow)
  }
}
