import { type Fragment, part } from '../db/sql.js'

/** An expression: about how many rows a table has. @param table an expression for its oid */
export function estimatedRows(table: Fragment): Fragment {
  return part('catalog/estimated_rows', { table })
}
