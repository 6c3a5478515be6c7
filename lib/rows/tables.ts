import { isKnown, unknownTable } from '../catalog/known.js'
import { requireTarget } from '../catalog/target.js'
import { parseTableName, type TableName } from '../contract/table-name.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { literal, query } from '../db/sql.js'
import { setTextSettings } from '../history/value-text.js'
import { type GetStatement, getStatement } from './get.js'
import { describe, type RowTable, shapeOf } from './row-table.js'

/** What is kept of a table, as long as it has this shape. */
export interface KeptTable {
  readonly table: RowTable
  readonly shape: string
  readonly get: GetStatement
  /** Asks for the shape alone. */
  readonly ask: string
}

/** In SQL: the setting in which a session that reads keeps the search path of its role. */
const OWN_PATH = literal('dasy.search_path')

/** Prepares a session that reads: values are written as text, and statements planned for that. */
export async function prepareReader(session: Session): Promise<void> {
  await session.rows(query`SELECT set_config(${OWN_PATH}, current_setting('search_path'), false)`)
  await setTextSettings(session)
}

/** Whether a table is still as it is described. */
export async function isAsKept(session: Session, { shape, ask }: KeptTable): Promise<boolean> {
  const [row] = await session.planned<{ shape: string }>(ask)
  return row?.shape === shape
}

/** UNDEFINED_TABLE, UNDEFINED_COLUMN, and a prepared statement whose result has changed. */
const OTHER_SHAPE = /^(42P01|42703|0A000)$/

/** The tables that were asked for, described once until they change. */
export class KeptTables {
  readonly #configured: readonly TableName[]
  readonly #kept = new Map<string, KeptTable>()

  /** @param configured the tables that the configuration names */
  constructor(configured: readonly TableName[]) {
    this.#configured = configured
  }

  /**
   * Reads from a table as it is described; once more if it has changed.
   * @param work returns undefined if the table has another shape
   * @throws DasyError TABLE_NOT_FOUND
   */
  async reading<Result>(
    session: Session,
    name: string,
    work: (kept: KeptTable) => Promise<Result | undefined>,
  ): Promise<Result> {
    const kept = this.#kept.get(name)
    const result = kept && (await work(kept).catch(unlessOtherShape))
    if (result !== undefined) return result
    for (let tries = 1; ; tries++) {
      const described = await this.#describe(session, name)
      this.#keep(name, described)
      const again = await work(described).catch((error) => {
        if (tries < MOST_TRIES) return unlessOtherShape(error)
        throw error
      })
      if (again !== undefined) return again
    }
  }

  /** @throws DasyError TABLE_NOT_FOUND */
  async requireKnown(session: Session, name: string): Promise<TableName> {
    const table = parseTableName(name, 'the table')
    const target = await requireTarget(session, table).catch((error) => {
      throw isMissing(error) ? unknownTable(table) : error
    })
    if (!(await isKnown(session, table, target, this.#configured))) throw unknownTable(table)
    return table
  }

  /** In a transaction with the search path of the role; texts are written as they are later. */
  async #describe(session: Session, name: string): Promise<KeptTable> {
    return await session.transaction(async () => {
      await session.rows(query`SELECT set_config('search_path', current_setting(${OWN_PATH}), true)`)
      const table = await this.requireKnown(session, name)
      const target = await requireTarget(session, table)
      const ask = query`SELECT ${shapeOf(target)} AS shape`
      const row = await session.row<{ shape: string }>(ask)
      const described = await describe(session, table, target)
      return { table: described, shape: row?.shape ?? '', get: getStatement(described), ask }
    })
  }

  #keep(name: string, described: KeptTable): void {
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(name, described)
  }
}

const MOST_TRIES = 3
const MOST_KEPT = 1000

function unlessOtherShape(error: unknown): undefined {
  if (OTHER_SHAPE.test(sqlState(error) ?? '')) return undefined
  throw error
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'TABLE_NOT_FOUND' || code === 'NOT_A_TABLE' || code === 'BAD_OPTION'
}
