import type { Test } from 'tap'
import { migrateUp } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** products and products_agg as `dasy migrate up` makes them, with a few rows. */
export async function products(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`INSERT INTO products (sku, name) VALUES ('a', 'x'), ('b', 'x'), ('c', 'y'), ('d', NULL)`)
  return db
}

export function assertCounted(t: Test, db: TestDatabase, message?: string): Promise<void> {
  return compareTables(t, db, 'products_agg', countsOf('products'), message)
}
