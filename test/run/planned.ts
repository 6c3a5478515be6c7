import type { Test } from 'tap'
import { changes, plan } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

export const EXISTING = `
  CREATE TABLE things (sku text PRIMARY KEY, name text, size integer);
  INSERT INTO things VALUES ('a', 'one', 1), ('b', 'two', 2), ('c', NULL, 3), ('z', 'other', 9)`
export const FILE = 'sku,name,size\na,one,1\nb,TWO,2\nc,x,3\nd,new,4\n'

export const rowsOf = (db: TestDatabase, table = 'things') =>
  db.rows(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`)

/** A plan for the table "things", which the SQL makes. */
export async function planned(t: Test, sql = EXISTING, options = {}) {
  const db = await testDatabase(t)
  await db.run(sql)
  const source = file(t, FILE)
  const given = { databaseUrl: db.url, table: 'things', ...options }
  const { run } = await plan(source, given)
  return { db, source, run, given }
}

/** The changes of a run, as operation and key. */
export async function setOf(db: TestDatabase, run: number): Promise<unknown[]> {
  const all = []
  for await (const { op, key } of changes(run, { databaseUrl: db.url }))
    all.push(`${op} ${Object.values(key).join()}`)
  return all
}
