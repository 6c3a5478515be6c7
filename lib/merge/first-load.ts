import type { Aggregate } from '../aggregate/aggregate.js'
import { fillEmpty } from '../aggregate/live.js'
import { ident, list, statement } from '../db/sql.js'
import { stagingTable } from '../load/staging.js'
import type { Merged, Merging, MergeWay } from './way.js'

/** Into a table without rows and, for the time being, without its key: insert, then build the index. */
export class FirstLoad implements MergeWay {
  readonly #merging: Merging
  readonly #constraint: string

  /** @param constraint the name of the primary key to build */
  constructor(merging: Merging, constraint: string) {
    this.#merging = merging
    this.#constraint = constraint
  }

  async apply(): Promise<Merged> {
    const { session, run, settings, target, mapping, repeats } = this.#merging
    const { columns } = mapping
    // --existing-only: the table holds no key, so every one is unknown.
    const inserts = !settings.existingOnly
    const text = statement('merge/fill_target', {
      target,
      columns: list(columns.map((column) => ident(column.target))),
      values: list(columns.map(({ value }) => value)),
      staging: stagingTable(run),
      repeats: repeats.table,
      same_key: repeats.sameKey,
    })
    const inserted = inserts ? await session.run(text) : 0
    const key = list(mapping.key.map((column) => ident(column.target)))
    await session.run(statement('merge/add_key', { target, constraint: ident(this.#constraint), key }))
    return { inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    await fillEmpty(this.#merging.session, aggregate)
  }
}
