import { inspectTarget } from '../catalog/target.js'
import type { DatabaseOptions } from '../contract/options.js'
import { parseTableName } from '../contract/table-name.js'
import { Database } from '../db/database.js'
import { statement } from '../db/sql.js'

/** Names for the shell's completion: creates nothing, and waits for no lock. */

/** A completion must not make the user wait. */
const CONNECT_MS = 2000

/** The tables that --table accepts. */
export async function listTables(options: DatabaseOptions): Promise<string[]> {
  await using database = await Database.openIfThere(options)
  await using session = await database?.session('dasy', undefined, CONNECT_MS)
  const rows = (await session?.rows<{ name: string }>(statement('api/list_tables'))) ?? []
  return rows.map(({ name }) => name)
}

/** The columns of a table; none if it does not exist. */
export async function listColumns(options: DatabaseOptions, table: string): Promise<string[]> {
  await using database = await Database.openIfThere(options)
  await using session = await database?.session('dasy', undefined, CONNECT_MS)
  const target = session && (await inspectTarget(session, parseTableName(table)))
  return target?.columns.map(({ name }) => name) ?? []
}
