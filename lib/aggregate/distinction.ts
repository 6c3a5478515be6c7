import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, statement } from '../db/sql.js'

/** How the values of a column are told apart, and how a table holds them. */
export interface Distinction {
  readonly type: Fragment
  readonly collation: Fragment
  /** The access method by which they are found; undefined where none takes values of any length. */
  readonly method: Fragment | undefined
}

interface Found {
  readonly type: string
  readonly collation: string
  readonly has_equality: boolean
  readonly has_hash: boolean
  readonly trusted: boolean
  readonly small: boolean
}

/**
 * The same equality as GROUP BY has for the column.
 * @throws DasyError AGGREGATE_NOT_POSSIBLE where there is none, or it is the code of somebody who is no superuser
 */
export async function distinctionOf(
  session: Session,
  targetOid: number,
  column: string,
): Promise<Distinction> {
  const found = (await session.row<Found>(statement('aggregate/distinction'), [targetOid, column])) as Found
  const { type, collation, has_equality: hasEquality, has_hash: hasHash, trusted, small } = found
  if (!hasEquality) {
    throw impossible(column, `the type ${type} has no equality, so its values cannot be counted`)
  }
  if (!trusted) {
    throw impossible(
      column,
      `what compares values of the type ${type} belongs to a role that is no superuser`,
    )
  }
  // A B-tree takes no entry over about 2,700 bytes, and the application's insert must not fail for it.
  const method = hasHash ? 'hash' : small ? 'btree' : undefined
  return {
    type: fromCatalog(type),
    collation: fromCatalog(collation),
    method: method === undefined ? undefined : fromCatalog(method),
  }
}

function impossible(column: string, why: string): DasyError {
  return new DasyError('AGGREGATE_NOT_POSSIBLE', `there can be no aggregate of "${column}": ${why}`, {
    hint: 'Count by another column, for example a generated one of another type.',
    details: { column },
  })
}

/** What keeps an aggregate from being live. */
export interface Obstacle {
  readonly reason: string
  /** If not, triggers follow one that is there already; but it cannot be counted again. */
  readonly missesWrites: boolean
}

/**
 * Why triggers could not follow the column, whatever happens; undefined where they can.
 */
export async function whyNotLive(
  session: Session,
  targetOid: number,
  column: string,
): Promise<Obstacle | undefined> {
  const row = await session.row<{ reason: string | null; misses_writes: boolean }>(
    statement('aggregate/why_not_live'),
    [targetOid, column],
  )
  if (!row || row.reason === null) return undefined
  return { reason: row.reason, missesWrites: row.misses_writes }
}

/** @throws DasyError AGGREGATE_NOT_LIVE */
export async function requireLive(
  session: Session,
  targetOid: number,
  column: string,
  table: TableName,
): Promise<void> {
  const obstacle = await whyNotLive(session, targetOid, column)
  if (!obstacle) return
  throw new DasyError(
    'AGGREGATE_NOT_LIVE',
    `an aggregate of ${displayName(table)} by "${column}" cannot be kept right: ${obstacle.reason}`,
    {
      hint: 'Use a view (--as view), or an aggregate that only this command refreshes (--manual).',
      details: { table: displayName(table), column },
    },
  )
}
