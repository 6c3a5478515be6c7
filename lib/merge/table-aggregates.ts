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
 * The aggregates of a table that exists. If the change of an aggregate can be computed from the records of the run, its
 * triggers are disabled until the change is applied; the other aggregates are updated by their triggers.
 */
export class TableAggregates {
  readonly #context: MergeContext
  readonly #all: readonly Aggregate[]
  readonly #unfollowed: readonly Aggregate[]

  private constructor(
    context: MergeContext,
    /** Those whose change is computed; their triggers are disabled. */
    readonly computable: readonly Aggregate[],
    followed: readonly Aggregate[],
    unfollowed: readonly Aggregate[],
  ) {
    this.#context = context
    this.#all = [...followed, ...unfollowed]
    this.#unfollowed = unfollowed
  }

  /** Creates the aggregates that are missing, and disables triggers. */
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
   * Updates the aggregates to the rows that the table has now.
   * @param apply applies the change to one whose triggers are disabled
   * @returns all aggregates
   */
  async update(apply: (aggregate: Aggregate) => Promise<void>): Promise<readonly Aggregate[]> {
    const { session } = this.#context
    for (const aggregate of this.computable) {
      await apply(aggregate)
      await resumeTriggers(session, aggregate)
    }
    for (const aggregate of this.#unfollowed) await kinds.live.refresh(session, aggregate)
    return this.#all
  }
}

/** Whether the change can be computed: the file has the column, and no trigger of the table may store other values. */
function isComputable(aggregate: Aggregate, target: Target, { columns }: Mapping): boolean {
  const column = target.columns.find(({ name }) => name === aggregate.column)
  const isLoaded = columns.some((each) => each.target === aggregate.column)
  return target.owned && target.actors.length === 0 && isLoaded && !column?.generated
}
