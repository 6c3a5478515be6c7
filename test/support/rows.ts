import type { TestDatabase } from './database.js'

/**
 * Every row with its place and the transaction that wrote it: the same again means that no row was written anew,
 * not even with the same values.
 */
export async function rowVersions(db: TestDatabase, table: string): Promise<unknown[]> {
  const stored = await storedIn(db, table)
  return db.rows(`SELECT ctid::text, xmin::text, to_jsonb(t) AS row FROM ${stored} AS t ORDER BY ctid`)
}

/** The same without the rows themselves, for tables of some size. */
export async function versionsDigest(db: TestDatabase, table: string): Promise<string> {
  const stored = await storedIn(db, table)
  return db.value(
    `SELECT md5(string_agg(format('%s %s %s', ctid, xmin, t), E'\\n' ORDER BY ctid)) FROM ${stored} AS t`,
  )
}

/** Where a table's rows are: those of a live aggregate, which is a view, are in the schema dasy. */
export async function storedIn(db: TestDatabase, table: string): Promise<string> {
  if ((await db.value('SELECT relkind FROM pg_class WHERE oid = $1::regclass', [table])) !== 'v') return table
  return `dasy.groups_${await db.value('SELECT aggregate FROM dasy.aggregates WHERE relation = $1::regclass', [table])}`
}
