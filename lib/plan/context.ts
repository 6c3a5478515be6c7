import type { Aggregate } from '../aggregate/aggregate.js'
import type { AggregateMovements } from '../contract/events.js'
import type { AggregateReceipt, Rows } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import type { OptionalSession, RunContext } from '../judge/context.js'

/** What planning works with. */
export interface PlanContext extends RunContext {
  readonly second: OptionalSession & {
    /** Connects if that has not been done. */
    open(): Promise<Session>
  }
}

/** What a load would do. */
export interface Planned {
  readonly rows: Rows
  readonly aggregates: readonly AggregateReceipt[]
  readonly movements: readonly AggregateMovements[]
  /** Whether it makes the table, or columns of it. */
  readonly makes: boolean
}

/** Records in the ledger that the run is planned, in the transaction that stores the plan. */
export type Finish = (planned: Planned, session: Session) => Promise<void>

/** An aggregate whose counts are known, or one of a table that does not exist yet. */
export type CountedAggregate = Aggregate & { readonly isNew?: boolean }

export const NO_SECOND: OptionalSession = { session: undefined }
