import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import { badOption } from '../contract/values.js'
import { sqlState } from '../db/failures.js'
import { RowsLeftOut } from '../merge/refused-rows.js'
import { refused } from './body.js'
import type { RowTable } from './row-table.js'

/** The errors of those who ask for rows, or write them. */

/** SQLSTATEs of a condition that PostgreSQL cannot evaluate: values, types without an order or an equality, what is not supported. */
const NOT_ASKED_WELL = /^(22|42883|42804|0A000)/

/** Another writer has made the row since it was looked for: it is tried again. */
export class RowMet extends Error {}

/** What PostgreSQL says of a filter, a sort or a cursor. */
export function refusedQuery(error: unknown, { table }: Pick<RowTable, 'table'>): unknown {
  if (!NOT_ASKED_WELL.test(sqlState(error) ?? '')) return error
  return badOption(`the rows of ${displayName(table)}`, (error as Error).message, 'filter')
}

/** SQLSTATEs of a row that the table refuses: values, constraints, checks of views, and what triggers raise. */
const REFUSED = /^(22|23|44|P0)/
const UNIQUE_VIOLATION = '23505'

export function isRefusal(error: unknown): boolean {
  return REFUSED.test(sqlState(error) ?? '') || error instanceof RowsLeftOut
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === UNIQUE_VIOLATION
}

/** What PostgreSQL says of a row that it does not take. */
export function refusedWrite(error: unknown, { table }: Pick<RowTable, 'table'>): unknown {
  const { message, cause } = error as DasyError
  if (isUniqueViolation(error)) return keyExists({ table }, message)
  if (!isRefusal(error)) return error
  const { column } = (cause ?? {}) as { column?: string }
  return refused(message, { column, sqlState: sqlState(error) })
}

export function keyExists(
  { table }: Pick<RowTable, 'table'>,
  why = 'a row with this key exists already',
): DasyError {
  return new DasyError('KEY_EXISTS', `${displayName(table)}: ${why}`, {
    hint: 'PUT or PATCH changes a row.',
    details: { table: displayName(table) },
  })
}

export function rowNotFound(
  { table, key }: Pick<RowTable, 'table' | 'key'>,
  texts: readonly string[],
): DasyError {
  const values = key.map(({ name }, index) => `${name} "${texts[index]}"`).join(', ')
  return new DasyError('ROW_NOT_FOUND', `${displayName(table)} has no row with ${values}`, {
    details: { table: displayName(table), key: texts },
  })
}

/** The row is not as the caller takes it to be. */
export function rowChanged({ table }: Pick<RowTable, 'table'>, why: string, etag?: string): DasyError {
  return new DasyError('PRECONDITION_FAILED', `${displayName(table)}: ${why}; nothing was written`, {
    hint: 'Read the row again.',
    details: { table: displayName(table), ...(etag !== undefined && { etag }) },
  })
}
