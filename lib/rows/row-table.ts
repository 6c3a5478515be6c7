import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, literal, part, statement } from '../db/sql.js'
import { lastSetOf } from '../history/change-set.js'
import { keyOf } from '../history/table-key.js'
import { allColumns, type StoredColumn, withTextSettings } from '../history/value-text.js'

/** A column, and how its values are written as JSON and compared. */
export interface RowColumn extends StoredColumn {
  /** The type by which values are compared, in SQL: without domains and length. */
  readonly compared: string
  /** The schema of the operators that compare them. */
  readonly operators: string
  readonly domain: boolean
  /** Whether it is a type of texts. */
  readonly string: boolean
  /** Whether JSON has values of the type: boolean, small whole numbers, floats. */
  readonly own: boolean
  /** Whether its values are JSON. */
  readonly json: boolean
  /** Whether a value can be too long for it. */
  readonly sized: boolean
  /** What a row that does not name it gets, in SQL; null: NULL. */
  readonly default: string | null
}

/** A table whose rows are read and written one by one. */
export interface RowTable {
  readonly table: TableName
  readonly target: Target
  /** Its qualified name in SQL. */
  readonly name: Fragment
  readonly columns: readonly RowColumn[]
  readonly key: readonly RowColumn[]
}

/**
 * Describes a table that was inspected, within a transaction.
 * @throws DasyError NO_KEY
 */
export async function describe(session: Session, table: TableName, target: Target): Promise<RowTable> {
  const { stored, more } = await withTextSettings(session, async () => ({
    stored: await allColumns(session, target.oid),
    more: await session.rows<RowColumn>(statement('rows/describe'), [target.oid]),
  }))
  const columns = stored.map((column, index) => ({ ...column, ...(more[index] as RowColumn) }))
  const last = await lastSetOf(session, target.oid)
  const key = keyOf(table, target, last, columns).map(({ name }) => columnOf({ table, columns }, name))
  return { table, target, name: ident(target.schema, target.name), columns, key }
}

/** @throws DasyError COLUMN_NOT_FOUND */
export function columnOf({ table, columns }: Pick<RowTable, 'table' | 'columns'>, name: string): RowColumn {
  const column = columns.find((each) => each.name === name)
  if (column) return column
  const shown = displayName(table)
  throw new DasyError('COLUMN_NOT_FOUND', `${shown} has no column "${name}"`, {
    hint: `Its columns: ${columns.map((each) => each.name).join(', ')}`,
    details: { table: shown, column: name },
  })
}

/** In SQL: a text that is another one as soon as the table has other columns, types or keys. */
export function shapeOf({ schema, name }: Pick<Target, 'schema' | 'name'>): Fragment {
  return part('rows/shape', { table: literal(ident(schema, name).sql) })
}
