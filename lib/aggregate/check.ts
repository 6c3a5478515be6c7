import type { AggregateDifference } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { ident, sql, statement } from '../db/sql.js'
import type { Aggregate } from './aggregate.js'
import { kinds } from './kinds.js'
import { targetOf } from './relation.js'
import { isReadable } from './state.js'

/** How many differences are returned. */
const MAX_DIFFERENCES = 10

export interface Comparison {
  /** How many groups differ. */
  readonly differing: number
  /** Those with the largest differences. */
  readonly differences: readonly AggregateDifference[]
}

/** Compares an aggregate with its table. The caller's transaction keeps other writers off the table. */
export async function compare(session: Session, aggregate: Aggregate): Promise<Comparison> {
  const { rows, value, count } = kinds[aggregate.kind].contents(aggregate)
  const column = ident(aggregate.column)
  const target = targetOf(aggregate)
  // If the stored values are missing or of another type than the column, all groups differ.
  const canRead = aggregate.kind === 'live' ? await isReadable(session, aggregate) : aggregate.fits
  const kept = canRead ? rows : sql`(SELECT ${column}, 0::bigint AS change FROM ${target} LIMIT 0)`
  const found = await session.rows<AggregateDifference & { differing: number }>(
    statement('aggregate/compare', {
      column,
      target,
      kept: sql`${kept} AS kept`,
      value_column: canRead ? value : column,
      count: canRead ? count : ident('change'),
    }),
    [MAX_DIFFERENCES],
  )
  return {
    differing: found[0]?.differing ?? 0,
    differences: found.map(({ value: group, kept: as, counted }) => ({ value: group, kept: as, counted })),
  }
}
