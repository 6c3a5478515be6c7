import type { AggregateDifference } from '../contract/aggregate-result.js'
import type { Session } from '../db/session.js'
import { ident, sql, statement } from '../db/sql.js'
import { type Aggregate, kinds } from './aggregate.js'
import { canBeRead } from './live.js'
import { targetOf } from './relation.js'

/** How many differences are told. */
const TOLD = 10

export interface Comparison {
  /** How many groups differ. */
  readonly differing: number
  /** The first of them, the largest difference first. */
  readonly differences: readonly AggregateDifference[]
}

/** Compares an aggregate with its table, which nobody else writes to meanwhile. */
export async function compare(session: Session, aggregate: Aggregate): Promise<Comparison> {
  const { rows, value, count } = kinds[aggregate.kind].contents(aggregate)
  const column = ident(aggregate.column)
  const target = targetOf(aggregate)
  // Where what is kept is of another type than the column, or gone, all of it differs.
  const isReadable = aggregate.kind === 'live' ? await canBeRead(session, aggregate) : aggregate.fits
  const kept = isReadable ? rows : sql`(SELECT ${column}, 0::bigint AS change FROM ${target} LIMIT 0)`
  const found = await session.rows<AggregateDifference & { differing: number }>(
    statement('aggregate/compare', {
      column,
      target,
      kept: sql`${kept} AS kept`,
      value_column: isReadable ? value : column,
      count: isReadable ? count : ident('change'),
    }),
    [TOLD],
  )
  return {
    differing: found[0]?.differing ?? 0,
    differences: found.map(({ value: group, kept: as, counted }) => ({ value: group, kept: as, counted })),
  }
}
