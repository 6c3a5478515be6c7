import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsBothWays } from '../support/cli-failure.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

t.test('up makes the schema and products, status tells of it, and down removes what dasy made', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const run = async (...args: string[]) => (await dasy(['migrate', ...args], options)).expectStatus(0)
  const there = () =>
    db.rows<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'v', 'S')
      AND relnamespace IN ('public'::regnamespace, to_regnamespace('dasy')) ORDER BY 1`)

  type Status = { migrations: { name: string; appliedAt: string | null }[] }
  const before = (await run('status', '--json')).json<Status>().migrations
  t.ok(before.length > 0 && before.every(({ appliedAt }) => appliedAt === null), 'nothing is applied', {
    before,
  })
  t.equal((await there()).length, 0, 'and status makes nothing')

  t.match((await run('up')).stdout, /products\b.*products_agg\b/s, 'up tells what it made')
  const made = await there()
  t.match(
    made.map(({ name }) => name),
    ['aggregates'],
  )
  t.same(
    await db.rows(`SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
      FROM pg_attribute WHERE attrelid = 'products'::regclass AND attnum > 0 ORDER BY attnum`),
    [
      { name: 'sku', type: 'text', required: true },
      { name: 'name', type: 'text', required: false },
      { name: 'description', type: 'text', required: false },
    ],
  )
  t.same(
    await db.rows(`SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
      FROM pg_attribute WHERE attrelid = 'products_agg'::regclass AND attnum > 0 ORDER BY attnum`),
    [
      { name: 'name', type: 'text', required: false },
      { name: 'no_of_products', type: 'bigint', required: false },
    ],
  )
  t.same(
    (await run('up', '--json')).json(),
    { applied: [], made: [] },
    'a second time there is nothing to do',
  )
  const after = (await run('status', '--json')).json<Status>().migrations
  t.ok(
    after.every(({ appliedAt }) => !Number.isNaN(Date.parse(`${appliedAt}`))),
    'all are applied',
    { after },
  )

  await db.run(`CREATE TABLE mine (sku text PRIMARY KEY, name text); INSERT INTO mine VALUES ('a', 'Ann')`)
  await dasy(['aggregate', 'mine', 'name'], options)
  await failsBothWays(
    t,
    ['migrate', 'down'],
    { status: 2, code: /USAGE|NOT_CONFIRMED/, says: ['--yes'] },
    options,
  )
  t.equal((await there()).length, made.length + 5, 'nothing was removed without an answer')

  const { removed } = (await run('down', '--yes', '--json')).json<{ removed: string[] }>()
  for (const name of ['products', 'products_agg', 'mine_agg', 'dasy'])
    t.ok(removed.includes(name), name, { removed })
  t.same(await there(), [{ name: 'mine' }], 'the table that is not dasy’s stays')
  t.equal(
    await db.value("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'mine'::regclass"),
    0,
    'without triggers',
  )
  t.equal(await db.value("SELECT to_regnamespace('dasy')"), null)
  t.match((await run('down', '--yes')).stdout, /nothing/, 'a second time there is nothing to remove')
  t.same(await db.rows('SELECT * FROM mine'), [{ sku: 'a', name: 'Ann' }])
})

t.test('down leaves a table called products that somebody else made', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text)')
  const source = file(t, 'sku,name\na,Ann\n')
  await dasy(['ingest', source], options).then((result) => result.expectStatus(0))
  t.match(await db.rows('SELECT * FROM products_agg'), [{ name: 'Ann', no_of_products: 1 }])
  await dasy(['migrate', 'down', '--yes', '--quiet'], options).then((result) => result.expectStatus(0))
  t.same(await db.rows('SELECT * FROM products'), [{ sku: 'a', name: 'Ann' }])
  t.equal(await db.value("SELECT to_regclass('products_agg')"), null)
})
