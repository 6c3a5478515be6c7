import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'

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

/** Whether one of them still runs. */
export async function isAnyRunning(session: Session, transactions: readonly string[]): Promise<boolean> {
  if (transactions.length === 0) return false
  const text = query`SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND virtualxid = ANY ($1) LIMIT 1`
  return (await session.row(text, [transactions])) !== undefined
}

/** Whether a name of a relation is free in a schema. */
export async function isNameFree(session: Session, schema: string, name: string): Promise<boolean> {
  const text = query`
    SELECT
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1
       AND c.relname = $2`
  return (await session.row(text, [schema, name])) === undefined
}

/** The schema in which a table is made whose name has none. */
export async function currentSchema(session: Session): Promise<string> {
  const row = await session.row<{ schema: string }>(query`SELECT current_schema() AS schema`)
  return (row as { schema: string }).schema
}
