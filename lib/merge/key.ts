import type { Session } from '../db/session.js'
import { type Fragment, ident, list, sql, statement } from '../db/sql.js'
import { type Mapping, targetList } from './columns.js'

/**
 * Builds the primary key of a table that has its rows.
 * @param constraint its name; without one PostgreSQL finds one that is free, as `products_pkey` may belong to a table that
 *   was renamed
 */
export async function addKey(
  session: Session,
  target: Fragment,
  { key }: Mapping,
  constraint?: string,
): Promise<void> {
  const columns = list(targetList(key))
  const named = constraint === undefined ? sql`` : sql`CONSTRAINT ${ident(constraint)}`
  await session.run(statement('merge/add_key', { target, named, key: columns }))
}
