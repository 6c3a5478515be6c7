import type { DasyError } from '../base/errors.js'
import { requireTarget } from '../catalog/target.js'
import type { TableName } from '../contract/table-name.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { withTextSettings } from '../history/value-text.js'
import { type Body, namedColumns, refused } from './body.js'
import { input } from './classify.js'
import { isRefusal, isUniqueViolation, RowMet, refusedWrite } from './refusals.js'
import { describe, type RowColumn } from './row-table.js'

/** How often a write is tried again that met another one. */
const TRIES = 10

/** Deadlocks with writers that lock the same rows in another order, and serialization failures. */
const MET = /^40/

export interface Written<Result> {
  readonly table: TableName
  /** The rows of the request; undefined if it has none. */
  readonly body?: Body | undefined
  /** Whether a row that another writer has just made is seen by trying again; else it is one that exists. */
  readonly mayMeet: boolean
  /** One transaction. */
  readonly work: () => Promise<Result>
}

/**
 * Writes, and says what PostgreSQL refuses.
 * @throws DasyError ROW_REFUSED, KEY_EXISTS and those of `work`
 */
export async function untilWritten<Result>(
  session: Session,
  { table, body, mayMeet, work }: Written<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const isMade = error instanceof RowMet || isUniqueViolation(error)
      const hasMet = MET.test(sqlState(error) ?? '') || (mayMeet && isMade)
      if (hasMet && tries < TRIES) continue
      const isOfValue = body && isRefusal(error) && !isUniqueViolation(error)
      throw (isOfValue && (await refusedValue(session, table, body))) || refusedWrite(error, { table })
    }
  }
}

/**
 * Finds the value that PostgreSQL refuses, after the transaction was rolled back.
 * @returns undefined if each can be read: then it is the table that refuses the row
 */
async function refusedValue(session: Session, name: TableName, body: Body): Promise<DasyError | undefined> {
  const { text, rows } = body
  const attempt = async (column: RowColumn, from: number, to: number): Promise<unknown> => {
    const tried = statement('rows/try_value', { value: input(column, column.type) })
    try {
      await session.savepoint(() => session.row(tried, [text, from, to]))
      return undefined
    } catch (error) {
      return error
    }
  }
  return await session.transaction(async () => {
    const table = await describe(session, name, await requireTarget(session, name))
    return await withTextSettings(session, async () => {
      for (const column of namedColumns(table, body).some) {
        const error = await attempt(column, 1, rows.length)
        if (error === undefined) continue
        const row = await firstRefused(rows.length, (to) => attempt(column, 1, to))
        const details = { column: column.name, sqlState: sqlState(error) }
        return refused((error as Error).message, { ...details, ...(rows.length > 1 && { row: row - 1 }) })
      }
      return undefined
    })
  })
}

/** By halving: the least number of rows of which one is refused. */
async function firstRefused(rows: number, attempt: (to: number) => Promise<unknown>): Promise<number> {
  let [low, high] = [1, rows]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await attempt(middle)) === undefined) low = middle + 1
    else high = middle
  }
  return low
}
