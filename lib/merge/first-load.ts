import type { Aggregate } from '../aggregate/aggregate.js'
import { fillEmpty } from '../aggregate/live.js'
import type { Session } from '../db/session.js'
import { ident, list, statement } from '../db/sql.js'
import { countsTable, stagingTable } from '../load/staging.js'
import type { Column } from './columns.js'
import type { Merged, MergeWay, Merging } from './way.js'

interface Counted {
  readonly aggregate: Aggregate
  readonly column: Column
}

/**
 * Into a table without rows and, for the time being, without its key: insert, then build the index. A helper's
 * session counts the aggregates from staging meanwhile.
 */
export class FirstLoad implements MergeWay {
  readonly recounts = true
  readonly #merging: Merging
  readonly #constraint: string
  readonly #counted: readonly Counted[]
  #counting: Promise<void> | undefined

  /**
   * @param constraint the name of the primary key to build
   * @param aggregates those that will have to be filled
   */
  constructor(merging: Merging, constraint: string, aggregates: readonly Aggregate[]) {
    this.#merging = merging
    this.#constraint = constraint
    this.#counted = aggregates.flatMap((aggregate) => {
      const column = merging.mapping.columns.find(({ target }) => target === aggregate.column)
      return column?.text ? [{ aggregate, column }] : []
    })
  }

  async apply(): Promise<Merged> {
    const { session, target, mapping, helper } = this.#merging
    if (helper && this.#counted.length > 0) this.#counting = this.#count(helper, this.#counted)
    // Reported by whoever waits for the counts; until then it must not end the process.
    this.#counting?.catch(() => {})
    const inserted = await this.#insert()
    const key = list(mapping.key.map((column) => ident(column.target)))
    await session.run(statement('merge/add_key', { target, constraint: ident(this.#constraint), key }))
    return { inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    await this.#counting
    const isCounted = this.#counting && this.#counted.some((each) => each.aggregate === aggregate)
    await fillEmpty(this.#merging.session, aggregate, isCounted ? countsTable(this.#merging.run) : undefined)
  }

  async close(): Promise<void> {
    await this.#counting
  }

  async #insert(): Promise<number> {
    const { session, run, target, mapping, repeats } = this.#merging
    const { columns } = mapping
    return session.run(
      statement('merge/fill_target', {
        target,
        columns: list(columns.map((column) => ident(column.target))),
        values: list(columns.map(({ value }) => value)),
        staging: stagingTable(run),
        repeats: repeats.table,
        same_key: repeats.sameKey,
      }),
    )
  }

  async #count(helper: Session, counted: readonly Counted[]): Promise<void> {
    const { run, repeats, tuning } = this.#merging
    const counts = countsTable(run)
    await helper.transaction(async () => {
      await tuning.apply(helper)
      await helper.run(statement('merge/create_counts', { counts }))
      for (const { aggregate, column } of counted) {
        const text = statement('merge/count_staged', {
          counts,
          value: column.value,
          staging: stagingTable(run),
          repeats: repeats.table,
          same_key: repeats.sameKey,
        })
        await helper.run(text, [aggregate.id])
      }
    })
  }
}
