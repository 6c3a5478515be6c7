import type { TestDatabase } from './database.js'

/**
 * Every row with its place and the transaction that wrote it: the same again means that no row was written anew,
 * not even with the same values.
 */
export function rowVersions(db: TestDatabase, table: string): Promise<unknown[]> {
  return db.rows(`SELECT ctid::text, xmin::text, to_jsonb(t) AS row FROM ${table} AS t ORDER BY ctid`)
}

/** The same without the rows themselves, for tables of some size. */
export function versionsDigest(db: TestDatabase, table: string): Promise<string> {
  return db.value(
    `SELECT md5(string_agg(format('%s %s %s', ctid, xmin, t), E'\\n' ORDER BY ctid)) FROM ${table} AS t`,
  )
}
