import type { Aggregate, NewAggregate, Prepared } from '../aggregate/aggregate.js'
import { fillEmpty } from '../aggregate/live.js'
import { canAdopt, createIndex, createTable, indexName } from '../aggregate/relation.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, sql, statement } from '../db/sql.js'
import { countsTable, OWN_SCHEMA, preparedName, stagingTable } from '../load/staging.js'
import type { Column } from './columns.js'
import { analyze } from './statistics.js'
import type { Merged, MergeWay, Merging } from './way.js'

/** What a first load will have to fill. */
export interface Wanted {
  /** Aggregates that are there, and empty. */
  readonly aggregates: readonly Aggregate[]
  /** One that is to be made. */
  readonly aggregate: NewAggregate | undefined
}

/**
 * Into a table without rows and, for the time being, without its key: insert, then build the index. A helper's
 * session prepares the aggregates from staging meanwhile.
 */
export class FirstLoad implements MergeWay {
  readonly recounts = true
  readonly #merging: Merging
  readonly #constraint: string
  readonly #wanted: Wanted
  #preparing: Promise<Prepared | undefined> = Promise.resolve(undefined)

  /** @param constraint the name of the primary key to build */
  constructor(merging: Merging, constraint: string, wanted: Wanted) {
    this.#merging = merging
    this.#constraint = constraint
    this.#wanted = wanted
  }

  async apply(): Promise<Merged> {
    const { session, target, mapping, helper } = this.#merging
    if (helper) this.#preparing = this.#prepare(helper)
    // Reported by whoever waits for it; until then it must not end the process.
    this.#preparing.catch(() => {})
    const inserted = await this.#insert()
    const key = list(mapping.key.map((column) => ident(column.target)))
    await session.run(statement('merge/add_key', { target, constraint: ident(this.#constraint), key }))
    return { inserted, updated: 0, unchanged: 0, skipped: 0 }
  }

  async aggregate(aggregate: Aggregate): Promise<void> {
    const { session, run, helper } = this.#merging
    await this.#preparing
    const isCounted = helper && this.#countable(aggregate.column)
    await fillEmpty(session, aggregate, isCounted ? countsTable(run) : undefined)
  }

  /** The aggregate that is to be made, where somebody had the time to prepare it. */
  prepared(): Promise<Prepared | undefined> {
    return this.#preparing
  }

  async close(): Promise<void> {
    await this.#preparing
  }

  async #insert(): Promise<number> {
    const { session, target, mapping } = this.#merging
    const { columns } = mapping
    return session.run(
      statement('merge/fill_target', {
        ...this.#winners(),
        target,
        columns: list(columns.map((column) => ident(column.target))),
        values: list(columns.map(({ value }) => value)),
      }),
    )
  }

  async #prepare(helper: Session): Promise<Prepared | undefined> {
    return helper.transaction(async () => {
      await this.#merging.tuning.apply(helper)
      await this.#count(helper)
      return this.#prepareNew(helper)
    })
  }

  /** For aggregates that are there: their rows, which are inserted later. */
  async #count(helper: Session): Promise<void> {
    const counts = countsTable(this.#merging.run)
    await helper.run(statement('merge/create_counts', { counts }))
    for (const { id, column: name } of this.#wanted.aggregates) {
      const column = this.#countable(name)
      if (!column) continue
      // In the order of the index, so that the other session, which builds it, need not sort.
      const inOrder = sql`ORDER BY ${column.value} COLLATE "C"`
      await this.#countInto(helper, counts, column, sql`, ${fromCatalog(String(id))}`, inOrder)
    }
  }

  /** For one that is not: the table itself, index included. */
  async #prepareNew(helper: Session): Promise<Prepared | undefined> {
    const { aggregate } = this.#wanted
    const column = aggregate && this.#countable(aggregate.column)
    if (!column || !(await canAdopt(helper))) return undefined
    const prepared = { schema: OWN_SCHEMA, name: preparedName(this.#merging.run) }
    const relation = ident(prepared.schema, prepared.name)
    await createTable(helper, { ...aggregate, relation })
    const groups = await this.#countInto(helper, relation, column)
    await createIndex(helper, relation, indexName(aggregate.name))
    await analyze(helper, [relation])
    return { ...prepared, groups }
  }

  #countInto(
    helper: Session,
    counts: Fragment,
    { value }: Column,
    andAggregate = sql``,
    inOrder = sql``,
  ): Promise<number> {
    const parts = { counts, value, and_aggregate: andAggregate, in_order: inOrder }
    return helper.run(statement('merge/count_staged', { ...this.#winners(), ...parts }))
  }

  /** The file's column that an aggregate counts, if its staged text is what will be stored. */
  #countable(name: string): Column | undefined {
    return this.#merging.mapping.columns.find(({ target, text }) => target === name && text)
  }

  /** What says which records are stored: every one but those that lose to another of the same key. */
  #winners(): Record<'staging' | 'repeats' | 'same_key', Fragment> {
    const { run, repeats } = this.#merging
    return { staging: stagingTable(run), repeats: repeats.table, same_key: repeats.sameKey }
  }
}
