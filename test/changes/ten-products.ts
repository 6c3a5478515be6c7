import type { Test } from 'tap'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

export const TEN = Array.from({ length: 10 }, (_, n) => `s${n},name ${n % 3},${n}`)

/** A database with ten products. */
export async function tenProducts(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await ingest(file(t, `sku,name,description\n${TEN.join('\n')}\n`), { databaseUrl: db.url })
  return db
}
