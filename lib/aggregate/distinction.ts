import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, statement } from '../db/sql.js'

/** How to store the values of a column and to compare them. */
export interface Distinction {
  readonly type: Fragment
  readonly collation: Fragment
  /** The access method of an index on them; undefined if none accepts values of any length. */
  readonly method: Fragment | undefined
}

interface FoundDistinction {
  readonly type: string
  readonly collation: string
  readonly has_equality: boolean
  readonly has_hash: boolean
  readonly trusted: boolean
  readonly small: boolean
}

/**
 * Finds the equality that GROUP BY uses for the column.
 * @throws DasyError AGGREGATE_NOT_POSSIBLE if the type has none, or if its code belongs to a role that is not a superuser
 */
export async function distinctionOf(
  session: Session,
  targetOid: number,
  column: string,
): Promise<Distinction> {
  const found = (await session.row<FoundDistinction>(statement('aggregate/distinction'), [
    targetOid,
    column,
  ])) as FoundDistinction
  const { type, collation, has_equality: hasEquality, has_hash: hasHash, trusted, small } = found
  if (!hasEquality) {
    throw impossible(column, `the type ${type} has no equality, so its values cannot be counted`)
  }
  if (!trusted) {
    throw impossible(
      column,
      `the functions that compare values of the type ${type} belong to a role that is not a superuser`,
    )
  }
  // A B-tree refuses entries over about 2,700 bytes, and the application's INSERT must not fail because of an index.
  const method = hasHash ? 'hash' : small ? 'btree' : undefined
  return {
    type: fromCatalog(type),
    collation: fromCatalog(collation),
    method: method === undefined ? undefined : fromCatalog(method),
  }
}

function impossible(column: string, why: string): DasyError {
  return new DasyError(
    'AGGREGATE_NOT_POSSIBLE',
    `cannot create an aggregate of the column "${column}": ${why}`,
    {
      hint: 'Count by another column, for example a generated one of another type.',
      details: { column },
    },
  )
}

/** Why an aggregate cannot be live. */
export interface Obstacle {
  readonly reason: string
  /** Whether triggers miss writes. If not, an existing live aggregate stays right, but cannot be recounted. */
  readonly missesWrites: boolean
}

/** @returns why a live aggregate of the column cannot be kept right; undefined if it can */
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
    `a live aggregate of ${displayName(table)} by "${column}" is not possible: ${obstacle.reason}`,
    {
      hint: 'Use a view (--as view), or an aggregate that only "dasy aggregate" refreshes (--manual).',
      details: { table: displayName(table), column },
    },
  )
}
