import type { Session } from '../db/session.js'
import { type Fragment, ident, list, statement } from '../db/sql.js'
import { type Mapping, targetList } from './columns.js'

/** Builds the primary key of a table that has its rows. */
export async function addKey(
  session: Session,
  target: Fragment,
  { key }: Mapping,
  constraint: string,
): Promise<void> {
  const columns = list(targetList(key))
  await session.run(statement('merge/add_key', { target, constraint: ident(constraint), key: columns }))
}
