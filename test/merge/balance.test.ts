import t, { type Test } from 'tap'
import { checkBalance, type Rows } from '../../lib/contract/receipt.js'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { rowVersions } from '../support/rows.js'

/** A receipt that does not balance is never committed: each of these plays a fault of dasy that would make it so. */

const BALANCED: Rows = {
  read: 21,
  rejected: 1,
  duplicates: 2,
  inserted: 3,
  updated: 4,
  unchanged: 5,
  skipped: 6,
  deleted: 0,
}

t.test('every record that was read is accounted for exactly once', async (t) => {
  t.doesNotThrow(() => checkBalance(BALANCED))
  t.doesNotThrow(() => checkBalance({ ...BALANCED, deleted: 7 }), 'a row that is deleted was no record')
  const counted = ['read', 'rejected', 'duplicates', 'inserted', 'updated', 'unchanged', 'skipped'] as const
  for (const name of counted) {
    for (const by of [-1, 1]) {
      const rows = { ...BALANCED, [name]: BALANCED[name] + by }
      t.throws(() => checkBalance(rows), { code: 'RECEIPT_UNBALANCED', exitStatus: 1 }, `${name} ${by}`)
    }
  }
  const negative = { ...BALANCED, unchanged: -1, skipped: 12 }
  t.throws(() => checkBalance(negative), { code: 'RECEIPT_UNBALANCED' }, 'what adds up by a negative count')
})

t.test('a staged record that is lost fails the load', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'sku,name\na,Ann\nb,Bob\nc,Cem\n')
  // SQL of the user's runs in the transaction that publishes: here it makes a record disappear, as a fault would.
  const before = file(t, `DELETE FROM dasy.staging_1 WHERE c1 = 'b'`, 'before.sql')
  const error = await failure(t, ingest(source, { databaseUrl: db.url, before }))
  t.match(error, { code: 'RECEIPT_UNBALANCED', exitStatus: 1, message: /3 records were read, but 2/ })
  t.equal(await db.value(`SELECT to_regclass('products')`), null, 'nothing was applied')
  t.equal(await db.value('SELECT count(*) FROM dasy.staging_1'), 3, 'not even by that SQL')
})

t.test('an aggregate moves by the rows that were inserted, or nothing is committed', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name\na,Ann\nb,Bob\n'), { databaseUrl: db.url })
  const before = await bothTables(db)
  await countOneTooMany(t, db)
  const error = await failure(t, ingest(file(t, 'sku,name\nb,Ben\nc,Cem\n'), { databaseUrl: db.url }))
  t.match(error, { code: 'RECEIPT_UNBALANCED', exitStatus: 1, message: /products_agg/ })
  t.same(await bothTables(db), before, 'nothing was applied')
})

async function bothTables(db: TestDatabase): Promise<unknown[]> {
  return [await rowVersions(db, 'products'), await rowVersions(db, 'products_agg')]
}

/** The difference that a run applies to an aggregate holds one row more than it should. */
async function countOneTooMany(t: Test, db: TestDatabase): Promise<void> {
  await db.run(`
    ALTER FUNCTION dasy.settle(integer, text) RENAME TO settle_right;
    CREATE FUNCTION dasy.settle(of integer, changes text) RETURNS bigint LANGUAGE sql
    AS $$ SELECT dasy.settle_right(of, changes || ' UNION ALL SELECT ''nobody'', 1') $$`)
  t.equal(await db.value(`SELECT count(*) FROM pg_proc WHERE proname = 'settle_right'`), 1)
}
