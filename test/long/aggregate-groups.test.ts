import t, { type Test } from 'tap'
import { aggregate, ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** How many groups an aggregate has is kept beside it and told by the next receipt, without counting. */

const HEADER = 'sku,name\n'

const count = (db: TestDatabase, table = 'products_agg') => db.value(`SELECT count(*) FROM ${table}`)

/** By a run that changes nothing, so that it can only tell what was kept. */
async function assertGroupsKnown(t: Test, db: TestDatabase, message: string): Promise<void> {
  const path = file(t, 'sku\nnobody\n')
  const { aggregates, rows } = await update(path, { databaseUrl: db.url, existingOnly: true })
  t.equal(rows.skipped, 1)
  t.same(aggregates, [{ table: 'products_agg', groups: await count(db) }], message)
}

t.test('a receipt tells the groups, whoever wrote meanwhile', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, `${HEADER}1,a\n2,a\n3,b\n4,c\n`), options)
  await assertGroupsKnown(t, db, 'after a first load')

  await update(file(t, `${HEADER}3,c\n5,d\n6,e\n`), options)
  t.equal(await count(db), 4, 'a, c, d, e')
  await assertGroupsKnown(t, db, 'after one group went and two came')

  for (const statement of [
    `INSERT INTO products (sku, name) VALUES ('7', 'f'), ('8', 'f'), ('9', NULL)`,
    `UPDATE products SET name = 'g' WHERE name = 'f' OR sku = '1'`,
    `DELETE FROM products WHERE name = 'g'`,
    `INSERT INTO products (sku, name) VALUES ('2', 'h'), ('10', 'i') ON CONFLICT (sku) DO UPDATE SET name = 'j'`,
    `WITH gone AS (DELETE FROM products WHERE sku = '10') INSERT INTO products (sku, name) VALUES ('11', 'k')`,
  ]) {
    await db.run(statement)
    await assertGroupsKnown(t, db, statement)
  }
  await db.run('TRUNCATE products')
  await assertGroupsKnown(t, db, 'after TRUNCATE')
})

t.test('statements at the same time do not lose a group', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, HEADER), { databaseUrl: db.url })
  const clients = await Promise.all(Array.from({ length: 6 }, () => db.client()))
  await Promise.all(
    clients.map(async (client, number) => {
      for (let round = 0; round < 20; round++) {
        const skus = [0, 1, 2].map(
          (each) => `('${number}-${round}-${each}', 'name ${(round * 7 + each) % 11}')`,
        )
        await client.query(`INSERT INTO products (sku, name) VALUES ${skus.join(', ')}`)
        await client.query(
          `DELETE FROM products WHERE sku = '${number}-${round}-1' OR sku LIKE '${number}-${round - 1}-%'`,
        )
      }
    }),
  )
  await assertGroupsKnown(t, db, 'all at once')
})

t.test('"dasy aggregate" counts anew what somebody has changed by hand', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, `${HEADER}1,a\n2,b\n`), { databaseUrl: db.url })
  await db.run(`DELETE FROM products_agg; INSERT INTO products_agg VALUES ('nobody', 7)`)
  t.match(await aggregate('products', 'name', { databaseUrl: db.url }), { groups: 2 })
  await assertGroupsKnown(t, db, 'after it')
})
