import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { FoundTable } from './target.js'

/** Which tables can be read and written: those that dasy has loaded, and those that the configuration names. */

/**
 * @param asked the table as it was asked for: without a schema the search path has found it, as it would for a load
 * @param configured the names in the configuration
 */
export async function isKnown(
  session: Session,
  asked: TableName,
  { oid, schema, name }: FoundTable,
  configured: readonly TableName[],
): Promise<boolean> {
  const names = [displayName({ schema, name }), ...(asked.schema === undefined ? [displayName(asked)] : [])]
  const row = await session.row<{ known: boolean }>(statement('catalog/is_known'), [
    oid,
    names,
    configured.map((each) => each.schema ?? null),
    configured.map((each) => each.name),
  ])
  return row?.known ?? false
}

/** A client's load makes a table, or goes into one that is known. @throws DasyError TABLE_NOT_ALLOWED */
export async function requireKnown(
  session: Session,
  asked: TableName,
  found: FoundTable,
  configured: readonly TableName[],
): Promise<void> {
  if (await isKnown(session, asked, found, configured)) return
  const table = displayName(asked)
  throw new DasyError('TABLE_NOT_ALLOWED', `${table} exists, and dasy has never loaded it`, {
    hint: 'Load it once on the command line, or name it in a dataset of the configuration.',
    details: { table },
  })
}

/** The error of a table that cannot be read, whether it exists or not. */
export function unknownTable(table: TableName): DasyError {
  const shown = displayName(table)
  return new DasyError('TABLE_NOT_FOUND', `dasy has no table ${shown}`, {
    hint: 'Tables are known once dasy has loaded them, or if a dataset of the configuration names them.',
    details: { table: shown },
  })
}
