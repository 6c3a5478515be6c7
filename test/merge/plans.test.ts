import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { aggregate, ingest, migrateUp, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file, generatedProducts } from '../support/files.js'
import { compareTables, countsOf, Oracle } from '../support/oracle.js'
import { versionsDigest } from '../support/rows.js'

/** What a load costs the server: rows that it reads and writes, and the memory it asks for. */

const LARGE = 200_000

/** A table with rows and statistics, as it is the day after. */
async function largeTable(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`
    INSERT INTO products
    SELECT 'sku-' || n, 'name ' || n % 100000, repeat('x', 50) FROM generate_series(1, ${LARGE}) AS n;
    ANALYZE products`)
  await aggregate('products', 'name', { databaseUrl: db.url })
  await db.run('ANALYZE dasy.groups_1')
  return db
}

/** Rows of a table that sequential scans have read so far. */
async function scanned(db: TestDatabase, table: string): Promise<number> {
  // A session tells its figures when it ends, and those of the test itself at once.
  await db.rows('SELECT pg_stat_force_next_flush()')
  return db.value<number>('SELECT seq_tup_read FROM pg_stat_all_tables WHERE relid = $1::regclass', [table])
}

async function assertScansNothing(t: Test, db: TestDatabase, load: () => Promise<unknown>): Promise<void> {
  const tables = ['products', 'dasy.groups_1']
  const before = await Promise.all(tables.map((table) => scanned(db, table)))
  await load()
  await db.lastingStrangers()
  for (const [index, table] of tables.entries()) {
    const read = (await scanned(db, table)) - (before[index] ?? 0)
    t.ok(read < LARGE / 1000, `${table} is not scanned`, { found: read })
  }
}

t.test('a small update does not scan a large table, nor its aggregate', async (t) => {
  const db = await largeTable(t)
  const options = { databaseUrl: db.url }
  const records = (what: (n: number) => string) =>
    Array.from({ length: 500 }, (_, index) => what(index * 397 + 1)).join('\n')
  const files = {
    'other names': `sku,name\n${records((n) => `sku-${n},other ${n}`)}\n`,
    'new keys': `sku,name,description\n${records((n) => `new-${n},name ${n},d`)}\n`,
    'nothing new': `sku,description\n${records((n) => `sku-${n},${'x'.repeat(50)}`)}\n`,
  }
  for (const [name, content] of Object.entries(files)) {
    await t.test(name, async (t) => {
      const path = file(t, content)
      await assertScansNothing(t, db, () => update(path, options))
      await compareTables(t, db, 'products_agg', countsOf('products'))
    })
  }
  for (const more of [{ onConflict: 'skip' }, { existingOnly: true }] as LoadOptions[]) {
    await t.test(JSON.stringify(more), (t) =>
      assertScansNothing(t, db, () => update(file(t, files['other names']), { ...options, ...more })),
    )
  }
})

t.test('a table that stays in memory is not scanned for more records than it has pages', async (t) => {
  const db = await largeTable(t)
  const records = 4000
  const pages = await db.value<number>(`SELECT pg_relation_size('products') / 8192`)
  t.ok(pages < records && records < 8 * pages, 'more records than pages', { found: pages })
  const lines = Array.from({ length: records }, (_, index) => `new-${index},name ${index},d\n`)
  await assertScansNothing(t, db, () =>
    update(file(t, `sku,name,description\n${lines.join('')}`), { databaseUrl: db.url }),
  )
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('keys that do not fit in memory are looked through in shares', async (t) => {
  const db = await testDatabase(t)
  const path = generatedProducts(t, 20_000)
  const key = { key: ['sku'] }
  const expected = await Oracle.load(t, db, path)
  for (const [name, options] of Object.entries({
    'in one session': { workers: 1 },
    'in two': { workers: 2, rangeSize: 100_000 },
  })) {
    await db.run('DROP VIEW IF EXISTS products_agg; DROP TABLE IF EXISTS products')
    const receipt = await ingest(path, { databaseUrl: db.url, workMem: '64kB', ...options })
    t.equal(receipt.rows.inserted + receipt.rows.duplicates, 20_000)
    await compareTables(t, db, 'products', expected.table(key), name)
    await compareTables(t, db, 'products_agg', expected.aggregate(key), name)
  }
})

t.test('more duplicates than fit in memory are left out by a join', async (t) => {
  const db = await testDatabase(t)
  const keys = Array.from({ length: 1500 }, (_, key) => key)
  const records = (turn: number) => keys.map((key) => `${key},name ${turn} ${key % 7}\n`).join('')
  const path = file(t, `sku,name\n${records(1)}${records(2)}`)
  const expected = keys.map((key) => ({ sku: `${key}`, name: `name 2 ${key % 7}` }))
  const places: Record<string, string> = {
    'a new table': '',
    'an empty table': 'TRUNCATE products',
    'a table with rows': `DELETE FROM products WHERE sku > '5'; UPDATE products SET name = 'other'`,
  }
  for (const [name, before] of Object.entries(places)) {
    if (before !== '') await db.run(before)
    const texts: string[] = []
    const listener = (statement: unknown) => texts.push((statement as { text: string }).text)
    subscribe('dasy:statement', listener)
    const { rows } = await ingest(path, { databaseUrl: db.url, workMem: '64kB' })
    unsubscribe('dasy:statement', listener)
    t.match(rows, { read: 3000, duplicates: 1500 }, name)
    t.ok(texts.some((text) => /NOT EXISTS \(SELECT FROM "dasy"\."losers_/.test(text)))
    t.notOk(texts.some((text) => /NOT IN \(SELECT position/.test(text)))
    t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku::integer'), expected, name)
    await compareTables(t, db, 'products_agg', countsOf('products'), name)
  }
})

t.test('the settings of a run are those that were asked for, and end with it', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url })
  await db.run(`
    CREATE TABLE noted (work_mem text, parallel text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO noted VALUES (current_setting('work_mem'), current_setting('max_parallel_workers_per_gather'));
      RETURN NULL;
    END $$;
    CREATE TRIGGER note AFTER INSERT ON products FOR EACH STATEMENT EXECUTE FUNCTION note()`)
  const parallel = await db.value('SHOW max_parallel_workers_per_gather')
  await update(file(t, 'sku,name\n2,b\n'), { databaseUrl: db.url })
  await update(file(t, 'sku,name\n3,c\n'), { databaseUrl: db.url, workMem: '5MB', parallel: 0 })
  t.same(await db.rows('SELECT * FROM noted'), [
    { work_mem: '128MB', parallel },
    { work_mem: '5MB', parallel: '0' },
  ])
})

t.test('statistics are fresh after a large change, and left alone after a small one', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const analyzed = async () => {
    await db.lastingStrangers()
    await db.rows('SELECT pg_stat_force_next_flush()')
    return db.rows(
      `SELECT relname, analyze_count FROM pg_stat_user_tables WHERE relname IN ('products', 'groups_1') ORDER BY relname DESC`,
    )
  }
  const path = generatedProducts(t, 3000)
  await ingest(path, options)
  const once = [
    { relname: 'products', analyze_count: 1 },
    { relname: 'groups_1', analyze_count: 1 },
  ]
  t.same(await analyzed(), once)
  const versions = await versionsDigest(db, 'products')
  await ingest(path, options)
  t.equal(await versionsDigest(db, 'products'), versions, 'nothing is written')
  await update(file(t, 'sku,name\nnew,one\n'), options)
  t.same(await analyzed(), once, 'a small change')
  await update(generatedProducts(t, 3000, '--changed', '50'), options)
  t.same(
    await analyzed(),
    once.map((each) => ({ ...each, analyze_count: 2 })),
    'half of the rows',
  )
})

t.test('a table that cannot be analyzed is loaded all the same', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE TABLE things (sku text PRIMARY KEY, name text);
    CREATE FUNCTION fussy(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
    BEGIN
      IF current_query() LIKE '%ANALYZE%' THEN
        RAISE 'not now';
      END IF;
      RETURN $1;
    END $$;
    CREATE INDEX ON things (fussy(name))`)
  const records = Array.from({ length: 200 }, (_, n) => `${n},name ${n}\n`).join('')
  const receipt = await update(file(t, `sku,name\n${records}`), { databaseUrl: db.url, table: 'things' })
  t.match(receipt, { status: 'completed', rows: { inserted: 200 } })
  t.equal(await db.value('SELECT count(*) FROM things'), 200)
})
