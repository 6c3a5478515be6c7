import type { Session } from '../db/session.js'
import { type Fragment, query } from '../db/sql.js'

/** What two sets are compared by: their content, whatever its order, and which versions of rows they replace. */
export interface Digest {
  readonly content: string
  readonly versions: string
}

/** @param changes in the form of dasy.changes: a table, or a SELECT in parentheses */
export async function digestOf(session: Session, changes: Fragment): Promise<Digest> {
  const row = await session.row<Digest>(query`
SELECT concat_ws(':', count(*), sum(hash_record_extended(ROW(op::text, key, old, new), 0)),
                 sum(hash_record_extended(ROW(op::text, key, old, new), 1))) AS content,
       concat(sum(hash_record_extended(ROW(key, was::text), 0))) AS versions
  FROM ${changes} AS c`)
  return row as Digest
}
