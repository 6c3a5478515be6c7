import type { Aggregate } from '../aggregate/aggregate.js'
import { fillEmpty, fillEmptyWithFew } from '../aggregate/storage.js'
import type { Target } from '../catalog/target.js'
import { runJoining, withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { list, statement } from '../db/sql.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import { countsTable, stagingTable } from '../ledger/staging.js'
import { countableColumn, targetList } from '../mapping/columns.js'
import { FirstLoadRecorder } from './first-load-recorder.js'
import { addKey, dropKey, type PlainKey } from './key.js'
import type { MergeContext, MergedAggregates, MergeResult, MergeStrategy } from './strategy.js'
import type { TableAggregates } from './table-aggregates.js'

/**
 * Loads a table without rows. For many rows it drops the key, inserts the rows, and builds the key again. Meanwhile the second
 * session counts the aggregates from staging.
 */
export class FirstLoad implements MergeStrategy {
  readonly #context: MergeContext
  readonly #target: Target
  readonly #key: Required<PlainKey>
  readonly #isLarge: boolean
  readonly #aggregates: TableAggregates
  /** The aggregates that the second session can count from staging. */
  readonly #counted: readonly Aggregate[]
  #counting: Promise<void> | undefined
  #inserted = 0

  /** @param isLarge whether to build the key again, and the indexes of the aggregates */
  constructor(
    context: MergeContext,
    target: Target,
    aggregates: TableAggregates,
    key: Required<PlainKey>,
    isLarge: boolean,
  ) {
    this.#context = context
    this.#target = target
    this.#key = key
    this.#isLarge = isLarge
    this.#aggregates = aggregates
    this.#counted = aggregates.computable.filter(({ column }) => countableColumn(context.mapping, column))
  }

  async write(): Promise<MergeResult> {
    const { session, target, second } = this.#context
    if (this.#isLarge) await dropKey(session, target, this.#key)
    const other = await second.session
    if (other && this.#isLarge && this.#counted.length > 0) this.#counting = this.#count(other)
    // `aggregate` reports its error; until then an unhandled rejection must not end the process.
    this.#counting?.catch(() => {})
    this.#inserted = await this.#insert().catch(async (error) => {
      // Row by row is tried next; before that the second session must be idle.
      if (isInvalidValue(error)) await this.#counting?.catch(() => {})
      throw error
    })
    if (this.#isLarge) await addKey(session, target, this.#key)
    return { inserted: this.#inserted, updated: 0, deleted: 0, unchanged: 0, skipped: 0 }
  }

  async target(): Promise<Target> {
    return this.#target
  }

  async aggregate(): Promise<MergedAggregates> {
    const { session, run } = this.#context
    await this.#counting
    const aggregates = await this.#aggregates.update(async (aggregate) => {
      const isCounted = this.#counting && this.#counted.includes(aggregate)
      if (this.#isLarge) await fillEmpty(session, aggregate, isCounted ? countsTable(run) : undefined)
      else await fillEmptyWithFew(session, aggregate)
    })
    return { aggregates, total: this.#inserted, isAnalyzed: false }
  }

  async close(): Promise<void> {
    await this.#counting
    await new FirstLoadRecorder(this.#context, this.#target).firstLoad(this.#key.columns, this.#inserted)
  }

  #insert(): Promise<number> {
    const { session, run, target, mapping, winners } = this.#context
    const { columns } = mapping
    return runJoining(
      session,
      statement('merge/fill_target', {
        staging: stagingTable(run),
        wins: winners.wins,
        target,
        columns: list(targetList(columns)),
        values: list(columns.map(({ value }) => value)),
      }),
    )
  }

  async #count(session: Session): Promise<void> {
    const { run, mapping, tuning, winners } = this.#context
    const counts = countsTable(run)
    await session.run(statement('merge/create_counts', { counts }))
    await session.transaction(async () => {
      await tuning.apply(session)
      for (const { id, column: name } of this.#counted) {
        const column = countableColumn(mapping, name)
        if (!column) continue
        const parts = { staging: stagingTable(run), wins: winners.wins, counts, value: column.value }
        await withoutLoops(session, () => session.run(statement('merge/count_staged', parts), [id]))
      }
    })
  }
}
