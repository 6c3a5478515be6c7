import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { ChangeSet } from './change-set.js'
import { type ColumnNumber, columnsNow } from './relation.js'

/**
 * The key of a table: that of its last load, else its primary key.
 * @param last the set that was applied to it last
 * @throws DasyError NO_KEY
 */
export function keyOf<Column extends ColumnNumber>(
  name: TableName,
  { keys }: Pick<Target, 'keys'>,
  last: ChangeSet | undefined,
  columns: readonly Column[],
): Column[] {
  const loaded = last ? columnsNow(last, columns).slice(0, last.key.length) : [undefined]
  if (loaded.every((column) => column !== undefined)) return loaded
  const primary = keys.find((each) => each.primary)?.columns ?? []
  const found = primary.flatMap((each) => columns.filter((column) => column.name === each))
  if (found.length > 0) return found
  throw new DasyError('NO_KEY', `${displayName(name)} has no primary key, and no load has changed it`, {
    hint: 'Add a primary key, or load the table with --key.',
    details: { table: displayName(name) },
  })
}
