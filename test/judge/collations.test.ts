import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { assertNothingLeft } from '../support/leftovers.js'

t.test('keys that the collation of the table takes for equal are one key', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE COLLATION "any Case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                CREATE TABLE goods (sku text COLLATE "any Case" PRIMARY KEY, price integer)`)
  const source = file(t, 'sku,price\na,1\nA,2\nb,3\nB,x\n')
  const options = { databaseUrl: db.url, table: 'goods', maxRejects: 1 }
  t.match((await ingest(source, options)).rows, { read: 4, rejected: 1, duplicates: 1, inserted: 2 })
  t.match(await newestRejects(db), [{ line: 5, reason: /^column "price"/ }])
  t.match((await ingest(source, options)).rows, { rejected: 1, duplicates: 1, unchanged: 2, updated: 0 })
  t.same(await db.rows('SELECT sku, price FROM goods ORDER BY sku'), [
    { sku: 'A', price: 2 },
    { sku: 'b', price: 3 },
  ])
  await assertNothingLeft(t, db, { tables: ['goods'] })
})
