import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import { badOption } from '../contract/values.js'
import { columnOf, type RowColumn, type RowTable } from './row-table.js'

/** How many rows one request may insert. */
const MOST = 1000

/** The rows of a request. PostgreSQL reads their values out of the JSON itself, so that no number is rounded. */
export interface Body {
  /** A JSON array of objects. */
  readonly text: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** @throws DasyError BAD_OPTION */
export function parseBody(text: string, mayBeMany: boolean): Body {
  const value = parsed(text)
  const isMany = Array.isArray(value)
  if (isMany && !mayBeMany) throw badOption('the body', 'must be one row, as a JSON object', 'body')
  const rows = isMany ? value : [value]
  if (!rows.every(isRow) || rows.length === 0)
    throw badOption('the body', mayBeMany ? 'must be a row, or an array of rows' : 'must be a row', 'body')
  if (rows.length > MOST)
    throw badOption('the body', `has ${rows.length} rows; at most ${MOST} are taken`, 'body')
  return { text: isMany ? text : `[${text}]`, rows }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badOption('the body', `is no JSON: ${(error as Error).message}`, 'body')
  }
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The columns that at least one of the rows names, and those that all name.
 * @throws DasyError COLUMN_NOT_FOUND, COLUMN_GENERATED, ROW_REFUSED
 */
export function namedColumns(
  table: RowTable,
  { rows }: Body,
): { readonly some: readonly RowColumn[]; readonly all: readonly RowColumn[] } {
  const counts = new Map<RowColumn, number>()
  for (const [index, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const column = columnOf(table, name)
      if (column.generated) throw generated(table, column)
      if (!column.json && typeof value === 'object' && value !== null)
        throw notAValue(column, index, rows.length)
      counts.set(column, (counts.get(column) ?? 0) + 1)
    }
  }
  const some = [...counts.keys()]
  return { some, all: some.filter((column) => counts.get(column) === rows.length) }
}

export function generated({ table }: RowTable, { name }: RowColumn): DasyError {
  const shown = displayName(table)
  return new DasyError('COLUMN_GENERATED', `PostgreSQL computes the column "${name}" of ${shown}`, {
    hint: 'Leave it out.',
    details: { table: shown, column: name },
  })
}

function notAValue({ name, compared }: RowColumn, index: number, rows: number): DasyError {
  const why = `a value of the type ${compared} is written as a string`
  return refused(why, { column: name, ...(rows > 1 && { row: index }) })
}

/** The error of a row that the table does not take. @param details column, row (counted from 0) and the SQLSTATE, if known */
export function refused(
  reason: string,
  details: {
    readonly column?: string | undefined
    readonly row?: number | undefined
    readonly sqlState?: string | undefined
  },
): DasyError {
  const { column, row } = details
  const where = [
    row === undefined ? [] : `row ${row}`,
    column === undefined ? [] : `column "${column}"`,
  ].flat()
  const shown = where.length > 0 ? `${where.join(', ')}: ${reason}` : reason
  return new DasyError('ROW_REFUSED', shown, { details: { ...details, reason } })
}
