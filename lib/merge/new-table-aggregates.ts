import type { Aggregate, Prepared } from '../aggregate/aggregate.js'
import { measure, type Size } from '../aggregate/kinds.js'
import { freeName } from '../aggregate/names.js'
import { type AggregateTable, type CountedTable, productsAggregate } from '../aggregate/plan.js'
import { createProductsAggregate } from '../aggregate/products.js'
import { removeRemnants } from '../aggregate/repair.js'
import { ensureAggregates } from '../aggregate/request.js'
import { completeStorage, indexValues } from '../aggregate/storage.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { fromCatalog, ident, query, statement } from '../db/sql.js'
import { preparedName, preparedTable, stagingTable } from '../ledger/staging.js'
import { copyInto } from '../load/copy-stream.js'
import { type Column, countableColumn } from '../mapping/columns.js'
import { analyze } from './statistics.js'
import type { MergeContext, MergedAggregates } from './strategy.js'

/** The storage of the products aggregate, with its size. */
type PreparedStorage = Prepared & Size

/**
 * The aggregates of a table that the load creates: that of products, whose storage the second session prepares from
 * staging while the table is filled, and those that the user asks for.
 */
export class NewTableAggregates {
  readonly #context: MergeContext
  readonly #products: AggregateTable | undefined
  readonly #replaced: Aggregate | undefined
  #preparing: Promise<PreparedStorage | undefined> = Promise.resolve(undefined)

  private constructor(context: MergeContext, products: AggregateTable | undefined, replaced?: Aggregate) {
    this.#context = context
    this.#products = products
    this.#replaced = replaced
  }

  /** @throws DasyError NAME_TAKEN before a row is written */
  static async begin(context: MergeContext): Promise<NewTableAggregates> {
    const { session, settings, mapping, events } = context
    const { schema, name } = settings.table
    const products = productsAggregate(name, mapping.newTable)
    if (products) {
      const claim = { table: name, column: products.column, note: events.note }
      await freeName(session, { schema, name: products.name }, claim)
    }
    return new NewTableAggregates(context, products)
  }

  /** @param replaced the aggregate that was dropped, with the table, so that both are created again */
  static replacing(context: MergeContext, replaced: Aggregate): NewTableAggregates {
    const products = productsAggregate(replaced.target_name, context.mapping.newTable)
    return new NewTableAggregates(context, products, replaced)
  }

  /** Whether `prepare` has something to do. */
  get arePrepared(): boolean {
    return this.#products !== undefined
  }

  /** Starts to prepare the storage of the products aggregate, index included. */
  prepare(second: Session): void {
    this.#preparing = this.#prepare(second)
    // `create` reports its error; until then an unhandled rejection must not end the process.
    this.#preparing.catch(() => {})
  }

  /** Settled when the second session reads the staging table no more. */
  get prepared(): Promise<unknown> {
    return this.#preparing.catch(() => {})
  }

  /** Creates the aggregates of the table, which is filled. */
  async create(target: CountedTable): Promise<MergedAggregates> {
    const { session, settings, events } = this.#context
    const prepared = await this.#preparing
    await createProductsAggregate(session, target, events.note, { id: this.#replaced?.id, prepared })
    await ensureAggregates(session, target, settings.policy.aggregates, events.note)
    // They were created in this transaction, so none needs a repair and each follows its table.
    const aggregates = await removeRemnants(session, target.oid, events.note)
    const isPrepared = ({ kind, name }: Aggregate) => kind === 'live' && name === this.#products?.name
    const sizes = aggregates
      .filter(isPrepared)
      .flatMap(({ id }) => (prepared ? [[id, prepared] as const] : []))
    return { aggregates, sizes: new Map(sizes), isAnalyzed: prepared !== undefined }
  }

  async #prepare(session: Session): Promise<PreparedStorage | undefined> {
    const { run, mapping, tuning } = this.#context
    const products = this.#products
    const column = products && countableColumn(mapping, products.column)
    if (!column) return undefined
    return session.transaction(async () => {
      await tuning.applyAlone(session)
      const name = preparedName(run)
      // In microseconds, the unit of epochs. A table that is new has no earlier one.
      const epoch = Date.now() * 1000
      if (!(await this.#storeCounted(session, epoch))) await this.#count(session, column, epoch)
      await completeStorage(session, name)
      await indexValues(session, name, fromCatalog('hash'))
      await analyze(session, [preparedTable(run)])
      return { name, epoch, ...(await measure(session, preparedTable(run), ident('change'))) }
    })
  }

  /** @returns whether the groups were counted while the records were staged: then they are stored */
  async #storeCounted(session: Session, epoch: number): Promise<boolean> {
    const { run, known, winners } = this.#context
    const groups = known.direct?.groups
    if (groups?.records !== winners.count) return false
    const prepared = preparedTable(run)
    const parts = { prepared, epoch: fromCatalog(String(epoch)) }
    await session.run(statement('merge/create_prepared', parts))
    await copyInto(session, statement('merge/copy_prepared', parts), groups.rows())
    await session.run(query`ALTER TABLE ${prepared} ALTER COLUMN epoch DROP DEFAULT`)
    return true
  }

  /** Counts the staged records. */
  async #count(session: Session, column: Column, epoch: number): Promise<void> {
    const { run, winners } = this.#context
    const text = statement('merge/prepare_aggregate', {
      staging: stagingTable(run),
      wins: winners.wins,
      prepared: preparedTable(run),
      value: column.value,
      epoch: fromCatalog(String(epoch)),
    })
    await withoutLoops(session, () => session.run(text))
  }
}
