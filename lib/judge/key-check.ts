import { type Fragment, list, query, sql, statement } from '../db/sql.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import type { Column } from '../mapping/columns.js'
import { moveToRejects, type RejectContext } from './staged-rejects.js'

/**
 * Rejects the staged records without a key, or with one that is too long for an index: the merge would fail at them.
 * @returns how many were rejected
 */
export async function rejectBadKeys(context: RejectContext, key: readonly Column[]): Promise<number> {
  const { session, run } = context
  const values = texts(key)
  if (values.length === 0) return 0
  const fragments = {
    staging: stagingTable(run),
    missing: missing(values),
    unusable: unusable(values),
    ...partsOfPosition(sql`s.position`),
  }
  return await session.transaction(() =>
    moveToRejects(
      context,
      statement('judge/find_bad_keys', fragments),
      query`DELETE FROM ${fragments.staging} AS s WHERE ${fragments.unusable}`,
    ),
  )
}

/** The texts of the key's columns that come from the file: only those can be missing. */
export function texts(key: readonly Column[]): Fragment[] {
  return key.filter(({ kind }) => kind === 'field').map(({ raw }) => raw)
}

/**
 * A condition: the key is NULL, empty, or longer than an entry of a B-tree can be (2,704 bytes, less its header).
 */
export function unusable(key: readonly Fragment[]): Fragment {
  if (key.length === 0) return sql`false`
  const length = list(
    key.map((column) => sql`octet_length(${column})`),
    ' + ',
  )
  return sql`(${missing(key)} OR ${length} > 2600)`
}

function missing(key: readonly Fragment[]): Fragment {
  return sql`(${list(
    key.map((column) => sql`${column} IS NULL OR ${column} = ''`),
    ' OR ',
  )})`
}
