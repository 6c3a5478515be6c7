import type { Session } from '../db/session.js'
import { type Fragment, literal, query, statement } from '../db/sql.js'

/** Whether a staging table may become a table, as far as the database is concerned. */

/** Whether nobody could tell such a table from one that was made with its rows. */
export async function allowsDirectPath(session: Session): Promise<boolean> {
  const row = await session.row<{ allowed: boolean }>(statement('catalog/allows_direct_path'))
  return row?.allowed ?? false
}

/** The transactions of others that run now, by their numbers. */
export async function otherTransactions(session: Session): Promise<string[]> {
  const rows = await session.rows<{ virtualxid: string }>(statement('catalog/other_transactions'))
  return rows.map(({ virtualxid }) => virtualxid)
}

/**
 * Whether somebody else would see a staging table while it becomes a table, or could make that wait.
 * @param transactions of which none may run any more
 * @param own the backends of this load
 */
export async function isSeen(
  session: Session,
  staging: Fragment,
  transactions: readonly string[],
  own: readonly number[],
): Promise<boolean> {
  const text = statement('catalog/is_seen', { staging: literal(staging.sql) })
  return (await session.row(text, [transactions, own])) !== undefined
}

/** Whether no relation, type or constraint in a schema has one of these names. */
export async function areNamesFree(
  session: Session,
  schema: string,
  names: readonly string[],
): Promise<boolean> {
  const row = await session.row<{ free: boolean }>(statement('catalog/are_names_free'), [schema, names])
  return row?.free ?? false
}

/**
 * Of these names those that constraints in a schema have.
 * @param target the table whose constraints do not count, by its OID
 */
export async function takenConstraints(
  session: Session,
  schema: string,
  names: readonly string[],
  target: number | undefined,
): Promise<string[]> {
  const text = statement('catalog/taken_constraints')
  const rows = await session.rows<{ name: string }>(text, [schema, names, target ?? null])
  return rows.map(({ name }) => name)
}

/** The schema in which a table is made whose name has none. */
export async function currentSchema(session: Session): Promise<string> {
  const row = await session.row<{ schema: string }>(query`SELECT current_schema() AS schema`)
  return (row as { schema: string }).schema
}
