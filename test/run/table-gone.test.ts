import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ingest, migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { manyProducts } from '../support/direct-path.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded } from '../support/oracle.js'

/** The table that the preflight found is not there any more when the run is claimed: it is made again. */

for (const [name, statement, former] of [
  ['dropped', 'DROP TABLE products CASCADE', []],
  ['renamed', 'DROP VIEW products_agg; ALTER TABLE products RENAME TO former', ['former']],
] as const) {
  t.test(`a table that is ${name} while the run waits for its number`, async (t) => {
    const db = await testDatabase(t)
    const path = file(t, manyProducts())
    await migrateUp({ databaseUrl: db.url })
    const other = await db.client()
    await other.query('BEGIN; LOCK TABLE dasy.runs IN ACCESS EXCLUSIVE MODE')
    const loading = ingest(path, { databaseUrl: db.url, workers: 2 })
    const waits = `SELECT count(*) FROM pg_locks WHERE relation = 'dasy.runs'::regclass AND NOT granted`
    while ((await db.value<number>(waits)) === 0) await sleep(20)
    await other.query(statement)
    await other.query('COMMIT')
    await loading
    await assertProductsLoaded(t, db, path)
    await assertNothingLeft(t, db, { tables: ['products', 'products_agg', ...former] })
  })
}
