import type { RowPage, RowQuery } from '../contract/row-query.js'
import { displayName } from '../contract/table-name.js'
import { parseColumns, wholeNumber } from '../contract/values.js'
import type { Session } from '../db/session.js'
import { number, sql, statement } from '../db/sql.js'
import { cursorOf, readCursor } from './cursor.js'
import { conditionOf } from './filters.js'
import { RowOrder } from './order.js'
import { Parameters } from './parameters.js'
import { refusedQuery } from './refusals.js'
import { jsonColumns, rowJson } from './row-json.js'
import { columnOf, type RowTable } from './row-table.js'

const USUAL_LIMIT = 100
const MOST = 1000

/**
 * A page of rows, in a session whose texts are set.
 * @throws DasyError COLUMN_NOT_FOUND, BAD_OPTION
 */
export async function listRows(session: Session, table: RowTable, query: RowQuery): Promise<RowPage> {
  const { filters = [], sort, cursor, select } = query
  const limit = wholeNumber('limit', query.limit ?? USUAL_LIMIT, 1, MOST)
  const order = RowOrder.of(table, sort)
  const columns =
    select === undefined ? table.columns : parseColumns('select', select).map((name) => columnOf(table, name))
  const parameters = new Parameters()
  const asked = [displayName(table.target), filters, order.shown]
  const after = cursor === undefined ? undefined : readCursor(cursor, asked, order.width)
  const text = statement('rows/list', {
    target: table.name,
    needed: order.needed(columns),
    columns: jsonColumns(columns),
    row: rowJson(sql`r`),
    texts: order.texts,
    condition: conditionOf(table, filters, parameters),
    after: after ? order.after(after, parameters) : sql`true`,
    order: order.by,
    limit: number(limit + 1),
  })
  const found = await session
    .rows<{ row: string; texts: (string | null)[] }>(text, parameters.values)
    .catch((error) => {
      throw refusedQuery(error, table)
    })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    rows: page.map(({ row }) => row),
    cursor: found.length > limit && last ? cursorOf(asked, last.texts) : null,
  }
}
