import { createHash } from 'node:crypto'
import { type Fragment, ident, list, sql } from '../db/sql.js'
import { textOf } from '../history/value-text.js'
import type { RowColumn } from './row-table.js'

/**
 * Rows as JSON, written by PostgreSQL: a value is its text as a string, but boolean, smallint, integer and finite floats are JSON's own,
 * and values of json and jsonb are JSON. No number passes through JavaScript, which would round some.
 */

/** SQL: the columns of a row, to be written by `rowJson`. @param from the alias of the row, and a dot */
export function jsonColumns(columns: readonly RowColumn[], from = sql`t.`): Fragment {
  return list(
    columns.map((column) => {
      const { name, own, json } = column
      const value = sql`${from}${ident(name)}`
      return sql`${own || json ? value : textOf(column, value)} AS ${ident(name)}`
    }),
  )
}

/** SQL: the row of a sub-query as JSON. */
export function rowJson(alias: Fragment): Fragment {
  return sql`CAST(pg_catalog.row_to_json(${alias}) AS text)`
}

/** The hash of a row, from its JSON with all columns. */
export function etagOf(row: string): string {
  return `"${createHash('sha256').update(row).digest('base64url').slice(0, 27)}"`
}
