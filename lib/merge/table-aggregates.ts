import type { Aggregate } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import { addProductsAggregate } from '../aggregate/products.js'
import { liveAggregates, repairAggregates } from '../aggregate/repair.js'
import { ensureAggregates } from '../aggregate/request.js'
import { resumeTriggers, suspendTriggers } from '../aggregate/triggers.js'
import type { Target } from '../catalog/target.js'
import type { AggregateSetting } from '../contract/aggregates.js'
import type { Events } from '../contract/events.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'

/** How the rows of the table will be written. */
export interface Writing {
  /** The aggregates that the user asks for. */
  readonly requested: readonly AggregateSetting[]
  /** The columns whose new values are known. */
  readonly columns: readonly string[]
  readonly mayDelete: boolean
}

interface AggregateContext {
  readonly session: Session
  readonly events: Events
}

/**
 * The aggregates of a table that exists. If the change of an aggregate can be computed from the records of the run, its
 * triggers are disabled until the change is applied; the other aggregates are updated by their triggers.
 */
export class TableAggregates {
  readonly #session: Session
  readonly #all: readonly Aggregate[]
  readonly #unfollowed: readonly Aggregate[]

  private constructor(
    session: Session,
    /** Those whose change is computed; their triggers are disabled. */
    readonly computable: readonly Aggregate[],
    followed: readonly Aggregate[],
    unfollowed: readonly Aggregate[],
  ) {
    this.#session = session
    this.#all = [...followed, ...unfollowed]
    this.#unfollowed = unfollowed
  }

  /** Creates the aggregates that are missing, and disables triggers. */
  static async begin(
    { session, events }: AggregateContext,
    target: Target,
    { requested, columns, mayDelete }: Writing,
  ): Promise<TableAggregates> {
    const { note } = events
    const found = target.owned ? await repairAggregates(session, target.oid, note) : undefined
    const known = found?.map(({ aggregate }) => aggregate)
    const added = await addProductsAggregate(session, target, note, known)
    await ensureAggregates(session, target, requested, note)
    const areAll = added === undefined && requested.length === 0
    const { followed, unfollowed } = await liveAggregates(
      session,
      target.oid,
      note,
      areAll ? found : undefined,
    )
    const isAlone = !mayDelete || !(await cascades(session, target))
    const computable = followed.filter((each) => isAlone && isComputable(each, target, columns))
    for (const aggregate of computable) await suspendTriggers(session, aggregate)
    return new TableAggregates(session, computable, followed, unfollowed)
  }

  /**
   * Updates the aggregates to the rows that the table has now.
   * @param apply applies the change to one whose triggers are disabled
   * @returns all aggregates
   */
  async update(apply: (aggregate: Aggregate) => Promise<void>): Promise<readonly Aggregate[]> {
    const session = this.#session
    for (const aggregate of this.computable) {
      await apply(aggregate)
      await resumeTriggers(session, aggregate)
    }
    for (const aggregate of this.#unfollowed) await kinds.live.refresh(session, aggregate)
    return this.#all
  }
}

/** Whether the change can be computed: the new values of the column are known, and no trigger of the table may store other values. */
function isComputable(aggregate: Aggregate, target: Target, columns: readonly string[]): boolean {
  const column = target.columns.find(({ name }) => name === aggregate.column)
  const isLoaded = columns.includes(aggregate.column)
  return target.owned && target.actors.length === 0 && isLoaded && !column?.generated
}

/** Whether the deletion of its rows may delete or change further rows by foreign keys, perhaps of this table. */
async function cascades(session: Session, { oid }: Target): Promise<boolean> {
  const text = query`SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::integer::oid AND confdeltype IN ('c', 'n', 'd') LIMIT 1`
  return (await session.row(text, [oid])) !== undefined
}
