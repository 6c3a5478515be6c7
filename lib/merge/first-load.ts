import type { Aggregate } from '../aggregate/aggregate.js'
import { fillEmpty } from '../aggregate/storage.js'
import { runJoining, withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { list, statement } from '../db/sql.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import { countsTable, stagingTable } from '../ledger/staging.js'
import { countableColumn, targetList } from '../mapping/columns.js'
import { addKey, type PlainKey } from './key.js'
import type { MergeContext, MergeResult, MergeStrategy } from './strategy.js'

/**
 * Into a table without rows and, for the time being, without its key: insert, then build the index. A helper's
 * session counts the aggregates from staging meanwhile.
 */
export class FirstLoad implements MergeStrategy {
  readonly recounts = true
  readonly #merging: MergeContext
  readonly #key: PlainKey
  readonly #aggregates: readonly Aggregate[]
  #counting: Promise<void> | undefined

  /**
   * @param key the primary key to build
   * @param aggregates those that will have to be filled
   */
  constructor(merging: MergeContext, key: PlainKey, aggregates: readonly Aggregate[]) {
    this.#merging = merging
    this.#key = key
    this.#aggregates = aggregates.filter(({ column }) => countableColumn(merging.mapping, column))
  }

  async apply(): Promise<MergeResult> {
    const { session, target, helper } = this.#merging
    if (helper && this.#aggregates.length > 0) this.#counting = this.#count(helper)
    // Reported by whoever waits for the counts; until then it must not end the process.
    this.#counting?.catch(() => {})
    const inserted = await this.#insert().catch(async (error) => {
      // It is going to be tried another way, which needs the helper's session.
      if (isInvalidValue(error)) await this.#counting?.catch(() => {})
      throw error
    })
    await addKey(session, target, this.#key)
    return { inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    await this.#counting
    const isCounted = this.#counting && this.#aggregates.includes(aggregate)
    await fillEmpty(this.#merging.session, aggregate, isCounted ? countsTable(this.#merging.run) : undefined)
  }

  async close(): Promise<void> {
    await this.#counting
  }

  #insert(): Promise<number> {
    const { session, run, target, mapping, repeats } = this.#merging
    const { columns } = mapping
    return runJoining(
      session,
      statement('merge/fill_target', {
        staging: stagingTable(run),
        wins: repeats.wins,
        target,
        columns: list(targetList(columns)),
        values: list(columns.map(({ value }) => value)),
      }),
    )
  }

  async #count(helper: Session): Promise<void> {
    const { run, mapping, tuning, repeats } = this.#merging
    const counts = countsTable(run)
    await helper.transaction(async () => {
      await tuning.apply(helper)
      await helper.run(statement('merge/create_counts', { counts }))
      for (const { id, column: name } of this.#aggregates) {
        const column = countableColumn(mapping, name)
        if (!column) continue
        const parts = { staging: stagingTable(run), wins: repeats.wins, counts, value: column.value }
        await withoutLoops(helper, () => helper.run(statement('merge/count_staged', parts), [id]))
      }
    })
  }
}
