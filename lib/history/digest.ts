import type { Session } from '../db/session.js'
import { type Fragment, number, query, sql } from '../db/sql.js'

/** What two sets are compared by: their content, whatever its order, and which versions of rows they replace. */
export interface Digest {
  readonly content: string
  readonly versions: string
}

/** @param changes in the form of dasy.changes: a table, or a SELECT in parentheses */
export async function digestOf(session: Session, changes: Fragment): Promise<Digest> {
  const versions = (seed: number) => hash(sql`ROW(key, was::text)`, seed)
  const row = await session.row<Digest>(query`
SELECT concat_ws(':', count(*), sum(${contentHash(0)}), sum(${contentHash(3)})) AS content,
       concat_ws(':', sum(${versions(0)}), sum(${versions(1)})) AS versions
  FROM ${changes} AS c`)
  return row as Digest
}

/** @param seed of the key; the two that follow are those of the values before and after, so that they cannot stand for each other */
function contentHash(seed: number): Fragment {
  const hashed = (field: Fragment, offset: number) =>
    sql`hash_array_extended(${field}, ${number(seed + offset)})`
  return hash(sql`ROW(op::text, ${hashed(sql`key`, 0)}, ${hashed(sql`old`, 1)}, ${hashed(sql`new`, 2)})`, 0)
}

/**
 * A hash of a record whose sums tell sets apart. PostgreSQL's hash of a record is a weighted sum of the hashes of its fields
 * (hash_record_extended in rowtypes.c): two changes that swap a field would add up to the same. The hash of a number mixes that,
 * but of 32 bits (hashint8extended in hashfunc.c), so a digest has two sums.
 */
function hash(record: Fragment, seed: number): Fragment {
  return sql`hashint8extended(hash_record_extended(${record}, ${number(seed)}), 0)`
}
