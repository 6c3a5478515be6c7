import type { Aggregate } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import { addProductsAggregate } from '../aggregate/products.js'
import { liveAggregates, repairAggregates } from '../aggregate/repair.js'
import { ensureAggregates } from '../aggregate/request.js'
import { resumeTriggers, suspendTriggers } from '../aggregate/triggers.js'
import type { Target } from '../catalog/target.js'
import type { Mapping } from '../mapping/columns.js'
import type { MergeContext } from './strategy.js'

/**
 * The aggregates of a table that exists. Those whose change follows from the records of the run have their triggers off
 * until it is applied; the triggers of the others count for themselves.
 */
export class TableAggregates {
  readonly #context: MergeContext
  readonly #all: readonly Aggregate[]
  readonly #unfollowed: readonly Aggregate[]

  private constructor(
    context: MergeContext,
    /** Their triggers are off. */
    readonly computable: readonly Aggregate[],
    followed: readonly Aggregate[],
    unfollowed: readonly Aggregate[],
  ) {
    this.#context = context
    this.#all = [...followed, ...unfollowed]
    this.#unfollowed = unfollowed
  }

  /** Makes those that are missing. */
  static async begin(context: MergeContext, target: Target): Promise<TableAggregates> {
    const { session, settings, mapping, events } = context
    if (target.owned) await repairAggregates(session, target.oid, events.note)
    await addProductsAggregate(session, target, events.note)
    await ensureAggregates(session, target, settings.policy.aggregates, events.note)
    const { followed, unfollowed } = await liveAggregates(session, target.oid, events.note)
    const computable = followed.filter((each) => isComputable(each, target, mapping))
    for (const aggregate of computable) await suspendTriggers(session, aggregate)
    return new TableAggregates(context, computable, followed, unfollowed)
  }

  /**
   * Brings them to what the table holds now.
   * @param apply the change of one whose triggers are off
   * @returns all of them
   */
  async settle(apply: (aggregate: Aggregate) => Promise<void>): Promise<readonly Aggregate[]> {
    const { session } = this.#context
    for (const aggregate of this.computable) {
      await apply(aggregate)
      await resumeTriggers(session, aggregate)
    }
    for (const aggregate of this.#unfollowed) await kinds.live.refresh(session, aggregate)
    return this.#all
  }
}

/** Not where the file lacks the column, or a trigger of the table may write something else. */
function isComputable(aggregate: Aggregate, target: Target, { columns }: Mapping): boolean {
  const column = target.columns.find(({ name }) => name === aggregate.column)
  const isLoaded = columns.some((each) => each.target === aggregate.column)
  return target.owned && target.actors.length === 0 && isLoaded && !column?.generated
}
