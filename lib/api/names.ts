import { inspectTarget } from '../catalog/target.js'
import type { DatabaseOptions } from '../contract/options.js'
import { parseTableName } from '../contract/table-name.js'
import { Database } from '../db/database.js'
import { statement } from '../db/sql.js'

/** Names for the shell's completion: creates nothing, and waits for no lock. */
const PATIENCE_MS = 2000

/** Tables that a load could fill, as --table takes them. */
export async function listTables(options: DatabaseOptions): Promise<string[]> {
  await using database = await Database.openIfThere(options)
  await using session = await database?.session('dasy', undefined, PATIENCE_MS)
  const rows = (await session?.rows<{ name: string }>(statement('api/list_tables'))) ?? []
  return rows.map(({ name }) => name)
}

/** The columns of a table that is there. */
export async function listColumns(options: DatabaseOptions, table: string): Promise<string[]> {
  await using database = await Database.openIfThere(options)
  await using session = await database?.session('dasy', undefined, PATIENCE_MS)
  const target = session && (await inspectTarget(session, parseTableName(table)))
  return target?.columns.map(({ name }) => name) ?? []
}
