import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Mapping } from './columns.js'

/** The most columns of a table in PostgreSQL; dropped columns count. */
export const MOST_COLUMNS = 1600

/** The most columns of a file: staging has one more, the position. */
const MOST_STAGED = MOST_COLUMNS - 1

/**
 * Refuses before the run begins what PostgreSQL would refuse later.
 * @throws DasyError TOO_MANY_COLUMNS
 */
export function refuseTooManyColumns(
  header: readonly string[],
  mapping: Mapping,
  { file, table, target }: { file: string; table: TableName; target: Target | undefined },
): void {
  if (header.length > MOST_STAGED) {
    throw tooMany(
      `${file} has ${header.length} columns; a file can have at most ${MOST_STAGED}`,
      'Split it into files with fewer columns, each with the key, and load them one after the other.',
    )
  }
  const name = displayName(table)
  const columns = target
    ? target.attributes + mapping.columns.filter(({ added }) => added).length
    : mapping.newTable.length
  if (columns <= MOST_COLUMNS) return
  throw tooMany(
    `${name} would have ${columns} columns; a table can have at most ${MOST_COLUMNS}${target ? ', dropped ones included' : ''}`,
    'Leave some out with --ignore.',
  )
}

function tooMany(message: string, hint: string): DasyError {
  return new DasyError('TOO_MANY_COLUMNS', message, { hint })
}
