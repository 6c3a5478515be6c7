import type { OneRow } from '../contract/row-query.js'
import type { Session } from '../db/session.js'
import { sql, statement } from '../db/sql.js'
import { Parameters } from './parameters.js'
import { refusedQuery, rowNotFound } from './refusals.js'
import { etagOf, jsonColumns, rowJson } from './row-json.js'
import { hasKey, requireKey } from './row-key.js'
import { type RowTable, shapeOf } from './row-table.js'

/** The statement that finds a row by its key, prepared once for a table. */
export interface GetStatement {
  readonly text: string
}

export function getStatement(table: RowTable): GetStatement {
  const parameters = new Parameters()
  const text = statement('rows/get', {
    shape: shapeOf(table.target),
    target: table.name,
    columns: jsonColumns(table.columns),
    row: rowJson(sql`r`),
    same_key: hasKey(
      table,
      table.key.map(() => ''),
      parameters,
    ),
  })
  return { text }
}

/**
 * A row by its key, in a session whose texts are set.
 * @returns undefined if the table is not as it was described any more
 * @throws DasyError ROW_NOT_FOUND, BAD_OPTION
 */
export async function getRow(
  session: Session,
  table: RowTable,
  shape: string,
  { text }: GetStatement,
  key: readonly string[],
): Promise<OneRow | undefined> {
  requireKey(table, key)
  const [found] = await session.planned<{ shape: string; row: string | null }>(text, key).catch((error) => {
    throw refusedQuery(error, table)
  })
  if (found?.shape !== shape) return undefined
  if (found.row === null) throw rowNotFound(table, key)
  return { row: found.row, etag: etagOf(found.row) }
}
