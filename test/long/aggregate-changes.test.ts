import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { Listener } from '../../lib/contract/events.js'
import { aggregate, ingest, migrateUp, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** What becomes of a table, and of its aggregate with it. */

const run = promisify(execFile)

async function stock(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE stock (gone text, sku text PRIMARY KEY, price text, name text, brand text);
    INSERT INTO stock SELECT 'x', g, 'x', 'name' || g % 3, 'brand' || g % 5 FROM generate_series(1, 30) AS g;
    ALTER TABLE stock DROP price, DROP gone`)
  for (const column of ['name', 'brand']) await aggregate('stock', column, { databaseUrl: db.url })
  return db
}

const grouped = (column: string, as = column) =>
  `SELECT ${column} AS "${as}", count(*) AS no_of_stock FROM stock GROUP BY 1`

async function assertCounted(t: Test, db: TestDatabase, message: string): Promise<void> {
  await compareTables(t, db, 'stock_agg', grouped('name'), message)
  await compareTables(t, db, 'stock_agg_brand', grouped('brand'), message)
}

const load = (t: Test, db: TestDatabase, csv: string, onEvent?: Listener) =>
  update(file(t, csv), { databaseUrl: db.url, table: 'stock', onEvent })

/** pg_dump of the server's version or a later one, or none. */
async function canDump(db: TestDatabase): Promise<boolean> {
  const { stdout } = await run('pg_dump', ['--version']).catch(() => ({ stdout: '0' }))
  const server = Number(await db.value("SELECT current_setting('server_version_num')::integer / 10000"))
  return Number(/(\d+)/.exec(stdout)?.[1]) >= server
}

async function dump(db: TestDatabase, ...args: string[]): Promise<string> {
  const { stdout } = await run('pg_dump', ['-d', db.url, ...args], { maxBuffer: 1 << 28 })
  return stdout
}

async function restore(db: TestDatabase, sql: string): Promise<void> {
  const child = run('psql', ['-X', '-q', '-o', '/dev/null', '-d', db.url])
  child.child.stdin?.end(sql)
  await child
}

t.test('dump and restore, in all forms', async (t) => {
  const from = await stock(t)
  if (!(await canDump(from))) return t.pass('there is no pg_dump for this server')
  await from.run(`INSERT INTO stock VALUES ('31', 'name9', NULL); ALTER TABLE stock RENAME brand TO marque;
    INSERT INTO stock VALUES ('32', NULL, 'brand1')`)
  const forms: Record<string, string[][]> = {
    whole: [[]],
    'schema, then data': [['-s'], ['-a']],
    'schema, then data without triggers': [['-s'], ['-a', '--disable-triggers']],
    'schema, then data row by row': [['-s'], ['-a', '--inserts']],
    'schema, then the table before the rest': [['-s'], ['-a', '-t', 'stock'], ['-a', '-T', 'stock']],
    'schema, then the rest before the table': [['-s'], ['-a', '-T', 'stock'], ['-a', '-t', 'stock']],
  }
  for (const [name, steps] of Object.entries(forms)) {
    await t.test(name, async (t) => {
      const to = await testDatabase(t)
      for (const step of steps) await restore(to, await dump(from, ...step))
      const check = async (message: string) => {
        await compareTables(t, to, 'stock_agg', grouped('name'), message)
        await compareTables(t, to, 'stock_agg_brand', grouped('marque', 'brand'), message)
      }
      await check('restored')
      await to.run(
        `INSERT INTO stock VALUES ('n1', 'name0', 'brand0') ON CONFLICT (sku) DO UPDATE SET name = 'other'`,
      )
      await check('a write')
      await to.run(
        `WITH gone AS (DELETE FROM stock WHERE sku = '4') UPDATE stock SET name = 'x' WHERE sku = '5'`,
      )
      await check('another')
      await load(t, to, 'sku,name,marque\n1,x,y\nn2,x,z\n')
      await check('a load')
    })
  }
  await t.test('the schema of the table alone', async (t) => {
    const to = await testDatabase(t)
    await restore(to, await dump(from, '-n', 'public')).catch(() => {})
    await aggregate('stock', 'name', { databaseUrl: to.url })
    await to.run("INSERT INTO stock VALUES ('n1', 'name0', 'brand0')")
    await compareTables(t, to, 'stock_agg', grouped('name'), 'made anew')
  })
})

t.test('a copy of the database by its files is in place', async (t) => {
  const db = await stock(t)
  await db.run('ALTER TABLE stock RENAME TO goods; CREATE SCHEMA shop; ALTER TABLE goods SET SCHEMA shop')
  await db.run('ALTER TABLE shop.goods RENAME name TO label')
  await db.run("INSERT INTO shop.goods VALUES ('31', 'name9', NULL)")
  const truth = 'SELECT label AS name, count(*) AS no_of_stock FROM shop.goods GROUP BY 1'
  await compareTables(t, db, 'stock_agg', truth)
  const told = await update(file(t, 'sku,label\n1,x\n40,y\n'), { databaseUrl: db.url, table: 'shop.goods' })
  t.equal(told.aggregates.length, 2)
  await compareTables(t, db, 'stock_agg', truth, 'after a load')
})

t.test('another type: no write is stopped, and the next load counts anew', async (t) => {
  const changes: [string, string, string][] = [
    ['text', 'integer USING v::integer', '7'],
    ['integer', 'text', "'x'"],
    ['varchar(20)', 'text', "repeat('x', 5000)"],
    ['numeric(10,2)', 'numeric', '1.005'],
    ['numeric(10,2)', 'numeric(10,0)', '1'],
    ['text', 'text COLLATE "C"', "'y'"],
    ['text', "text USING 'all ' || length(v)", "'y'"],
    ['integer', 'bigint USING v % 2', '1'],
  ]
  const db = await testDatabase(t)
  for (const [index, [from, to, value]] of changes.entries()) {
    const table = `t${index}`
    await db.run(`CREATE TABLE ${table} (sku text PRIMARY KEY, v ${from});
      INSERT INTO ${table} SELECT g, (g * 1.25)::numeric(10,2)::integer FROM generate_series(1, 9) AS g`)
    await aggregate(table, 'v', { databaseUrl: db.url })
    await db.run(`GRANT SELECT ON ${table}_agg_v TO PUBLIC; ALTER TABLE ${table} ALTER v TYPE ${to}`)
    await db.run(
      `INSERT INTO ${table} VALUES ('a', ${value}), ('b', NULL); UPDATE ${table} SET v = ${value} WHERE sku = '1'`,
    )
    const notes: string[] = []
    const options = { databaseUrl: db.url, table, onEvent: into(notes) }
    if (index % 2 === 0) await ingest(file(t, 'sku,v\nc,1\n'), options)
    else await aggregate(table, 'v', { databaseUrl: db.url })
    const truth = countsOf(table, 'v', `no_of_${table}`)
    await compareTables(t, db, `${table}_agg_v`, truth, `${from} to ${to}`)
    await db.run(`INSERT INTO ${table} VALUES ('d', ${value}); DELETE FROM ${table} WHERE sku = '2'`)
    await compareTables(t, db, `${table}_agg_v`, truth, `${from} to ${to}: and it follows`)
    t.equal(
      await db
        .value('SELECT has_table_privilege($1, $2, $3)', ['public', `${table}_agg_v`, 'SELECT'])
        .catch(() => true),
      true,
    )
  }
})

t.test('a table that was rewritten is counted anew by the next write', async (t) => {
  const db = await stock(t)
  await db.run('ALTER TABLE stock ALTER name TYPE text USING upper(left(name, 5))')
  await db.run("INSERT INTO stock VALUES ('50', 'x', 'y')")
  await assertCounted(t, db, 'ALTER TYPE … USING')
  await db.run('VACUUM FULL stock')
  await assertCounted(t, db, 'VACUUM FULL')
  const clients = await Promise.all([1, 2, 3].map(() => db.client()))
  await Promise.all(
    clients.map(async (client, n) => {
      for (let i = 0; i < 10; i++)
        await client.query(
          `INSERT INTO stock VALUES ('${n}-${i}', 'n', 'b') ON CONFLICT (sku) DO UPDATE SET name = 'm'`,
        )
    }),
  )
  await assertCounted(t, db, 'writers at once after it')
})

t.test('a dropped column, a swap by rename, and what is in the way', async (t) => {
  const db = await testDatabase(t)
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes) }
  await ingest(file(t, 'sku,name\n1,a\n2,b\n'), options)
  await db.run('ALTER TABLE products DROP COLUMN name')
  await db.run("INSERT INTO products VALUES ('3', 'd')")
  await ingest(file(t, 'sku,name\n1,a\n4,a\n'), options)
  await compareTables(t, db, 'products_agg', countsOf('products'), 'the column is dropped, and made again')

  await db.run(`CREATE TABLE products_new (sku text PRIMARY KEY, name text, description text);
    ALTER TABLE products RENAME TO products_old; ALTER TABLE products_new RENAME TO products`)
  await ingest(file(t, 'sku,name\n1,new\n'), options)
  await compareTables(t, db, 'products_agg', countsOf('products'), 'the new table')
  await compareTables(t, db, 'products_old_agg', countsOf('products_old'), 'the old one')
  t.ok(
    notes.some((line) => line.includes('products_old_agg')),
    'and it is said',
    { notes },
  )

  // And again, with a view of the time before that still has the old one's name.
  await db.run(`CREATE TABLE products_new (sku text PRIMARY KEY, name text, description text);
    DROP TABLE products_old;
    ALTER TABLE products RENAME TO products_old; ALTER TABLE products_new RENAME TO products`)
  await ingest(file(t, 'sku,name\n1,newest\n'), options)
  await compareTables(t, db, 'products_agg', countsOf('products'), 'the newest table')
  await compareTables(t, db, 'products_old_agg', countsOf('products_old'), 'the one that was new')

  await db.run('DROP TABLE products, products_old')
  await ingest(file(t, 'sku,name\n1,again\n'), options)
  await compareTables(t, db, 'products_agg', countsOf('products'), 'a table that was dropped and made again')

  await db.run('DROP VIEW products_agg; CREATE TABLE products_agg (x integer)')
  const taken = await failure(t, ingest(file(t, 'sku,name\n1,x\n'), options))
  t.match(taken, { code: 'NAME_TAKEN', hint: /--into NAME.*drop or rename \S*products_agg/s })
})

t.test('what is kept is logged where the table is', async (t) => {
  const db = await stock(t)
  const kinds = () =>
    db.value(`SELECT string_agg(DISTINCT relpersistence, '') FROM pg_class
               WHERE relkind = 'r' AND relnamespace = 'dasy'::regnamespace AND relname ~ '^(groups|marks)_'`)
  for (const [kind, persistence] of [
    ['UNLOGGED', 'u'],
    ['LOGGED', 'p'],
  ] as const) {
    await db.run(`ALTER TABLE stock SET ${kind}`)
    await load(t, db, `sku,name\n${kind},name0\n`)
    t.equal(await kinds(), persistence)
    await db.run(`INSERT INTO stock (sku, name) VALUES ('own ${kind}', 'name1')`)
    await assertCounted(t, db, kind)
  }
})

t.test('values that cannot be counted any more stop no load', async (t) => {
  const db = await stock(t)
  await db.run(`UPDATE stock SET name = to_json(name);
    ALTER TABLE stock ALTER name TYPE json USING name::json, ALTER brand TYPE json USING to_json(brand)`)
  await db.run("INSERT INTO stock (sku, name) VALUES ('n1', '{}')")
  t.match(await aggregate('stock', 'name', { databaseUrl: db.url, drop: true }), { action: 'dropped' })
  const notes: string[] = []
  const receipt = await load(t, db, 'sku\nx1\n', into(notes))
  t.match(receipt, { rows: { inserted: 1 }, aggregates: [] })
  t.match(notes.join('\n'), /stock_agg_brand was removed: .*json has no equality/)
})

t.test('what triggers cannot follow is refused, or found later', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE parted (sku text, name text) PARTITION BY LIST (sku);
    CREATE TABLE part PARTITION OF parted DEFAULT;
    CREATE TABLE parent (sku text, name text); CREATE TABLE child () INHERITS (parent);
    CREATE TABLE secret (sku text, name text); ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    INSERT INTO parted VALUES ('1', 'a')`)
  const tables = ['parted', 'part', 'parent', 'child', 'secret']
  if (Number(await db.value("SELECT current_setting('server_version_num')")) >= 180000) {
    await db.run('CREATE TABLE computed (sku text, name text GENERATED ALWAYS AS (upper(sku)) VIRTUAL)')
    tables.push('computed')
  }
  for (const table of tables) {
    const error = await failure(t, aggregate(table, 'name', { databaseUrl: db.url }))
    t.match(error, { code: 'AGGREGATE_NOT_LIVE', exitStatus: 1, hint: /--as view.*--manual/ }, table)
    t.match(await aggregate(table, 'name', { databaseUrl: db.url, manual: true }), { kind: 'manual' })
  }
  await db.run("INSERT INTO part VALUES ('2', 'a')")
  t.match(await aggregate('parted', 'name', { databaseUrl: db.url }), { largest: [{ value: 'a', count: 2 }] })

  await db.run(
    'CREATE TABLE products (sku text PRIMARY KEY, name text) PARTITION BY LIST (sku); CREATE TABLE p PARTITION OF products DEFAULT',
  )
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes) }
  const { aggregates } = await ingest(file(t, 'sku,name\n1,x\n'), options)
  t.same(aggregates, [])
  t.ok(
    notes.some((line) => line.includes('partitioned')),
    'and it is said',
    { notes },
  )

  await db.run('CREATE TABLE later (sku text PRIMARY KEY, name text)')
  await aggregate('later', 'name', { databaseUrl: db.url })
  await db.run("CREATE TABLE kid (PRIMARY KEY (sku)) INHERITS (later); INSERT INTO kid VALUES ('1', 'k')")
  await ingest(file(t, 'sku,name\n2,k\n'), { ...options, table: 'later' })
  t.same(await db.rows('SELECT * FROM later_agg'), [{ name: 'k', no_of_later: 2 }], 'counted by the load')
  t.ok(
    notes.some((line) => line.includes('inherit')),
    'and that is said',
    { notes },
  )
})

t.test('an unlogged table has an unlogged aggregate', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE UNLOGGED TABLE fleeting (sku text PRIMARY KEY, name text)')
  await aggregate('fleeting', 'name', { databaseUrl: db.url })
  t.same(
    await db.rows("SELECT DISTINCT relpersistence FROM pg_class WHERE relname IN ('groups_1', 'marks_1')"),
    [{ relpersistence: 'u' }],
  )
  await db.run("TRUNCATE dasy.groups_1, dasy.marks_1; INSERT INTO fleeting VALUES ('1', 'after a crash')")
  t.same(await db.rows('SELECT * FROM fleeting_agg'), [{ name: 'after a crash', no_of_fleeting: 1 }])
})

t.test('--check compares with the truth, and mends', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await migrateUp(options)
  await db.run("INSERT INTO products SELECT g, 'n' || g % 20 FROM generate_series(1, 100) AS g")
  const check = (more = {}) => aggregate('products', 'name', { ...options, check: true, ...more })
  t.match(await check({ dryRun: true }), { check: { differing: 0, repaired: false } })
  await db.run(`UPDATE products_agg SET no_of_products = no_of_products + 1;
    DELETE FROM products_agg WHERE name = 'n0'; INSERT INTO products_agg VALUES (NULL, 40)`)
  const found = await check({ dryRun: true })
  t.match(found, { action: 'checked', check: { differing: 21, repaired: false } })
  t.equal(found.check?.differences.length, 10)
  t.same(found.check?.differences.slice(0, 2), [
    { value: null, kept: 40, counted: 0 },
    { value: 'n0', kept: 0, counted: 5 },
  ])
  t.match(await check(), { check: { differing: 21, repaired: true }, groups: 20 })
  await compareTables(t, db, 'products_agg', countsOf('products'))
  t.match(await check(), { check: { differing: 0, repaired: false } })

  await db.run(
    "ALTER TABLE products ALTER name TYPE varchar(3) COLLATE \"C\"; INSERT INTO products VALUES ('x', 'y')",
  )
  t.match(await check(), { check: { differing: 21, repaired: true } }, 'a column of another type')
  await compareTables(t, db, 'products_agg', countsOf('products'))

  await aggregate('products', 'sku', { ...options, manual: true })
  await db.run("INSERT INTO products VALUES ('y', 'z')")
  t.match(await aggregate('products', 'sku', { ...options, check: true }), {
    check: { differing: 1, repaired: true },
  })
  t.match(await failure(t, aggregate('products', 'description', { ...options, check: true })), {
    code: 'AGGREGATE_NOT_FOUND',
  })
  t.match(await failure(t, aggregate('products', 'name', { ...options, dryRun: true })), { exitStatus: 2 })
})
