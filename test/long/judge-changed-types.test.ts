import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ingest, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { assertNothingLeft } from '../support/leftovers.js'

t.test('a table that gets other types while a run waits for it: the records are judged anew', async (t) => {
  const db = await testDatabase(t)
  await db.run("CREATE TABLE goods (sku text PRIMARY KEY, price text); INSERT INTO goods VALUES ('0', '5')")
  const source = file(t, 'sku,price\n1,1.0\n01,2\n2,x\n2,2\n')
  const other = await db.client()
  await other.query(`BEGIN; ALTER TABLE goods ALTER sku TYPE integer USING sku::integer,
                                              ALTER price TYPE numeric USING price::numeric`)
  const load = ingest(source, { databaseUrl: db.url, table: 'goods', maxRejects: 1 })
  const waiting = `SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await db.value<number>(waiting)) === 0) await sleep(10)
  await other.query('COMMIT')
  await other.end()
  t.match((await load).rows, { read: 4, rejected: 1, duplicates: 1, inserted: 2 })
  t.match(await newestRejects(db), [{ line: 4, reason: /^column "price": .*"x"$/ }])
  t.same(await db.rows('SELECT sku, price::text FROM goods ORDER BY sku'), [
    { sku: 0, price: '5' },
    { sku: 1, price: '2' },
    { sku: 2, price: '2' },
  ])
  await assertNothingLeft(t, db, { tables: ['goods'] })
})

t.test('keys that the scan read as texts are compared again if the table then has integers', async (t) => {
  const db = await testDatabase(t)
  const before = file(t, 'CREATE TABLE goods (sku integer PRIMARY KEY, price text)', 'before.sql')
  const source = file(t, 'sku,price\n7,a\n007,b\n8,c\n')
  const { rows } = await ingest(source, { databaseUrl: db.url, table: 'goods', before })
  t.match(rows, { read: 3, rejected: 0, duplicates: 1, inserted: 2 })
  t.same(await db.rows('SELECT sku, price FROM goods ORDER BY sku'), [
    { sku: 7, price: 'b' },
    { sku: 8, price: 'c' },
  ])
  await assertNothingLeft(t, db, { tables: ['goods'] })
})

t.test('a constraint on a table of dasy that is empty: what it refuses is left out', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, maxRejects: 2, workers: 2 }
  await ingest(file(t, 'sku,name,price\n'), { ...options, types: 'price:numeric' })
  await db.run('ALTER TABLE products ADD CHECK (price > 0)')
  const source = file(t, 'sku,name,price\n1,a,1\n2,a,-2\n3,b,3\n3,b,-3\n')
  const { rows, aggregates } = await ingest(source, options)
  t.match(rows, { read: 4, rejected: 2, duplicates: 0, inserted: 2 })
  t.same(aggregates, [{ table: 'products_agg', groups: 2 }])
  t.match(await newestRejects(db), [
    { line: 3, reason: /^column "price": .*"-2"$/ },
    { line: 5, reason: /^column "price": .*"-3"$/ },
  ])
  await assertNothingLeft(t, db)
})

t.test('what is left out by --existing-only or --on-conflict meets no constraint', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE goods (sku text PRIMARY KEY, price numeric CHECK (price > 0));
                INSERT INTO goods VALUES ('1', 1), ('2', 2)`)
  const source = file(t, 'sku,price\n1,-1\n2,20\n3,-3\n')
  const options = { databaseUrl: db.url, table: 'goods', maxRejects: 1 }
  const { rows } = await ingest(source, { ...options, onConflict: 'skip' })
  t.match(rows, { rejected: 1, skipped: 2, inserted: 0 })
  t.match(await newestRejects(db), [{ line: 4 }])
  const existing = await update(source, { ...options, existingOnly: true })
  t.match(existing.rows, { rejected: 1, skipped: 1, updated: 1 })
  t.match(await newestRejects(db), [{ line: 2 }])
})
