import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Mapping } from './columns.js'

/** Columns that PostgreSQL takes in a table; those that were dropped count. */
export const MOST_COLUMNS = 1600

/** Staging has one of its own, the position. */
const MOST_STAGED = MOST_COLUMNS - 1

/**
 * What PostgreSQL would refuse, with nothing to be done about it by then, is refused before a run begins.
 * @throws DasyError TOO_MANY_COLUMNS
 */
export function refuseTooManyColumns(
  header: readonly string[],
  mapping: Mapping,
  { file, table, target }: { file: string; table: TableName; target: Target | undefined },
): void {
  if (header.length > MOST_STAGED) {
    throw tooMany(
      `${file} has ${header.length} columns; a file can have ${MOST_STAGED} at most`,
      'Split it into files of fewer columns, each with the key, and load them one after the other.',
    )
  }
  const name = displayName(table)
  const columns = target
    ? target.attributes + mapping.columns.filter(({ added }) => added).length
    : mapping.newTable.length
  if (columns <= MOST_COLUMNS) return
  throw tooMany(
    `${name} would have ${columns} columns; PostgreSQL takes ${MOST_COLUMNS} at most${target ? ', dropped ones included' : ''}`,
    'Leave some out with --ignore.',
  )
}

function tooMany(message: string, hint: string): DasyError {
  return new DasyError('TOO_MANY_COLUMNS', message, { hint })
}
