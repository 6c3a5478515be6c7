import type { Session } from '../db/session.js'
import { type Fragment, ident, list, query, sql, statement } from '../db/sql.js'

/** A primary key that is built after the rows are inserted. */
export interface PlainKey {
  /** Its name. If not given, PostgreSQL chooses a free one: `products_pkey` may belong to a table that was renamed. */
  readonly constraint?: string
  readonly columns: readonly string[]
}

/** Builds the primary key of a table after its rows are inserted. */
export async function addKey(
  session: Session,
  target: Fragment,
  { constraint, columns }: PlainKey,
): Promise<void> {
  const key = list(columns.map((column) => ident(column)))
  const named = constraint === undefined ? sql`` : sql`CONSTRAINT ${ident(constraint)}`
  await session.run(statement('merge/add_key', { target, named, key }))
}

/** Drops the primary key of a table that has no rows yet. */
export async function dropKey(
  session: Session,
  target: Fragment,
  { constraint }: Required<PlainKey>,
): Promise<void> {
  await session.run(query`ALTER TABLE ${target} DROP CONSTRAINT ${ident(constraint)}`)
  // With wal_level = minimal, PostgreSQL writes no WAL for rows after a TRUNCATE in the same transaction. With other
  // levels it would save nothing, and replicas would replay the TRUNCATE.
  const row = await session.row<{ can: boolean }>(
    query`SELECT current_setting('wal_level') = 'minimal' AS can`,
  )
  if (row?.can) await session.run(query`TRUNCATE ONLY ${target}`)
}
