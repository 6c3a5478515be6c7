import type { Session } from '../db/session.js'
import { ident, list, statement } from '../db/sql.js'
import type { Published } from './publication.js'

/**
 * After the commit: what the planner knows of the table and its aggregates, so that the first query is planned well and
 * not only those after the server's own ANALYZE. A small change is left to the server, and VACUUM always.
 */
export async function refreshStatistics(session: Session, { rows, relations }: Published): Promise<void> {
  const [target] = relations
  const row = await session.row<{ stale: boolean }>(statement('merge/is_stale'), [
    target.oid,
    rows.inserted + rows.updated,
  ])
  if (!row?.stale) return
  const names = relations.map(({ schema, name }) => ident(schema, name))
  await session.run(statement('merge/analyze', { relations: list(names) }))
}
