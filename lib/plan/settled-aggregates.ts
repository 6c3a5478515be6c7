import { type Aggregate, aggregatesOf } from '../aggregate/aggregate.js'
import { whyNotLive } from '../aggregate/distinction.js'
import { productsAggregate } from '../aggregate/plan.js'
import { findAggregate } from '../aggregate/request.js'
import { isReadable, isSound } from '../aggregate/state.js'
import type { Target } from '../catalog/target.js'
import type { AggregateSetting } from '../contract/aggregates.js'
import type { Session } from '../db/session.js'

/**
 * The aggregates of a table besides those that only a command refreshes.
 * @returns undefined if a load would make, repair or recount one: then only a write can tell its counts
 */
export async function settledAggregates(
  session: Session,
  target: Target,
  requested: readonly AggregateSetting[],
): Promise<Aggregate[] | undefined> {
  const all = await aggregatesOf(session, target.oid)
  const names = target.columns.map(({ name }) => name)
  const products = target.owned ? productsAggregate(target.name, names) : undefined
  if (products && !all.some(({ column }) => column === products.column)) return undefined
  for (const { column, into, kind } of requested)
    if (findAggregate(all, column, into)?.kind !== kind) return undefined
  for (const aggregate of all)
    if (aggregate.kind === 'live' && !(await isSettled(session, aggregate))) return undefined
  return all.filter(({ kind }) => kind !== 'manual')
}

async function isSettled(session: Session, aggregate: Aggregate): Promise<boolean> {
  if (!(await isReadable(session, aggregate)) || !(await isSound(session, aggregate))) return false
  const obstacle = await whyNotLive(session, aggregate.target_oid, aggregate.column)
  return !obstacle?.missesWrites
}
