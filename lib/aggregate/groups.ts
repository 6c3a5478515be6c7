import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'

/**
 * How many groups a live aggregate has: kept beside it, whoever writes, so that nobody has to count a large aggregate
 * after a small change. The caller has the aggregate's table to itself.
 */

export async function groupsOf(session: Session, aggregate: { readonly id: number }): Promise<number> {
  const row = await session.row<{ groups: number }>(statement('aggregate/count_groups'), [aggregate.id])
  return (row as { groups: number }).groups
}

export async function setGroups(
  session: Session,
  aggregate: { readonly id: number },
  groups: number,
): Promise<void> {
  await session.run(statement('aggregate/set_groups'), [aggregate.id, groups])
}
