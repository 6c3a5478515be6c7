import type { Filter } from '../contract/row-query.js'
import type { Session } from '../db/session.js'
import { type Fragment, literal, query, sql } from '../db/sql.js'
import { textOf, typedValue } from '../history/value-text.js'
import { conditionOf } from './filters.js'
import { Parameters } from './parameters.js'
import { refusedQuery } from './refusals.js'
import type { RowColumn, RowTable } from './row-table.js'

/**
 * The condition of filters as one expression over the columns of the table, which a purge stores with its run. The values in it are
 * constants, written so that they mean the same under any settings: the session reads them first, whose texts are set.
 * @throws DasyError COLUMN_NOT_FOUND, BAD_OPTION
 */
export async function purgeCondition(
  session: Session,
  table: RowTable,
  filters: readonly Filter[],
): Promise<string | undefined> {
  if (filters.length === 0) return undefined
  const constants = new Map<string, string>()
  for (const [column, value] of valuesOf(table, filters)) {
    const parameters = new Parameters()
    const text = textOf(column, parameters.compared(column, value))
    const row = await session
      .row<{ text: string }>(query`SELECT ${text} AS text`, parameters.values)
      .catch((error) => {
        throw refusedQuery(error, table)
      })
    constants.set(`${column.name}\0${value}`, row?.text ?? '')
  }
  const values = {
    text: (value: string): Fragment => literal(value),
    compared: (column: RowColumn, value: string): Fragment => {
      const { compared: type, cast } = column
      const constant = literal(constants.get(`${column.name}\0${value}`) ?? value)
      return typedValue({ type, cast, collation: null }, constant)
    },
  }
  return conditionOf(table, filters, values, sql``).sql
}

/** The values that are compared. */
function valuesOf(table: RowTable, filters: readonly Filter[]): (readonly [RowColumn, string])[] {
  const found: (readonly [RowColumn, string])[] = []
  const note = {
    text: () => sql`''`,
    compared: (column: RowColumn, value: string) => {
      found.push([column, value])
      return sql`NULL`
    },
  }
  conditionOf(table, filters, note)
  return found
}
