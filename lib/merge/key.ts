import type { Session } from '../db/session.js'
import { type Fragment, ident, list, statement } from '../db/sql.js'

/** A primary key that may be built anew. */
export interface PlainKey {
  readonly constraint: string
  readonly columns: readonly string[]
}

/** Builds the primary key of a table that has its rows. */
export async function addKey(
  session: Session,
  target: Fragment,
  { constraint, columns }: PlainKey,
): Promise<void> {
  const key = list(columns.map((column) => ident(column)))
  await session.run(statement('merge/add_key', { target, constraint: ident(constraint), key }))
}

/** Drops it from a table that has no rows yet. */
export async function dropKey(session: Session, target: Fragment, { constraint }: PlainKey): Promise<void> {
  await session.run(statement('merge/drop_key', { target, constraint: ident(constraint) }))
  const row = await session.row<{ can: boolean }>(statement('merge/can_spare_wal'))
  if (row?.can) await session.run(statement('merge/truncate_empty', { target }))
}
