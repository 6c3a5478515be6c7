import type { AggregateKind } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { type Fragment, statement } from '../db/sql.js'
import type { Aggregate, Maintenance } from './aggregate.js'
import { live } from './live.js'
import { manual } from './manual.js'
import { view } from './view.js'

export const kinds: Readonly<Record<AggregateKind, Maintenance>> = { live, manual, view }

export interface Size {
  readonly groups: number
  /** The sum of the counts. */
  readonly rows: number
}

/** Counts the groups of an aggregate that was just refreshed. */
export async function sizeOf(session: Session, aggregate: Aggregate): Promise<Size> {
  const { relation, count } = kinds[aggregate.kind].contents(aggregate)
  return await measure(session, relation, count)
}

/** @param count the column with the counts */
export async function measure(session: Session, relation: Fragment, count: Fragment): Promise<Size> {
  return (await session.row<Size>(statement('aggregate/measure', { aggregate: relation, count }))) as Size
}
