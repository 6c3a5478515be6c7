import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

t.test('how many rows a table has is exact, whoever writes into it and whoever asks', async (t) => {
  const db = await testDatabase(t)
  const other = await db.role()
  const path = join(folder(t), 'dasy.prom')
  const source = file(
    t,
    `sku,name\n${Array.from({ length: 300 }, (_, i) => `${i},${i % 7 || ''}`).join('\n')}\n`,
  )
  const job = file(t, 'sku,name\na,b\n')
  const sizeBy = async (url: string) => {
    const how = { env: { DATABASE_URL: url } }
    ;(await dasy(['ingest', job, '--table', 'other', '--metrics-file', path, '--quiet'], how)).expectStatus(0)
    return Number(/^dasy_table_rows\{table="products"\} (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1])
  }
  ;(await dasy(['ingest', source, '--quiet'], { env: { DATABASE_URL: db.url } })).expectStatus(0)
  t.equal(await sizeBy(db.url), 300)
  const writes = [
    "DELETE FROM products WHERE sku < '2'",
    "INSERT INTO products (sku, name) SELECT 'x' || i, CASE WHEN i % 3 > 0 THEN 'y' END FROM generate_series(1, 2000) AS i",
    "UPDATE products SET name = NULL WHERE name = '3'",
    'TRUNCATE products',
    "INSERT INTO products (sku) VALUES ('null')",
    'VACUUM FULL products',
    'DELETE FROM products',
    'INSERT INTO products (sku, name) SELECT i, i FROM generate_series(1, 777) AS i',
  ]
  for (const write of writes) {
    await db.run(write)
    t.equal(await sizeBy(db.url), await db.value('SELECT count(*)::integer FROM products'), write)
  }
  await db.run(`GRANT CREATE ON SCHEMA public TO ${other.name};
    GRANT ALL ON SCHEMA dasy TO ${other.name};
    GRANT ALL ON ALL TABLES IN SCHEMA dasy TO ${other.name};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA dasy TO ${other.name};
    DROP TABLE other CASCADE;
    GRANT SELECT ON products_agg TO ${other.name};
    REVOKE ALL ON dasy.groups_1 FROM ${other.name}`)
  t.equal(await sizeBy(other.url), 777, 'who may read the view alone')
})

t.test(
  'without an aggregate it is estimated, with all partitions, and waits for nobody who has locked one',
  async (t) => {
    const db = await testDatabase(t)
    const how = { env: { DATABASE_URL: db.url } }
    const path = join(folder(t), 'dasy.prom')
    const load = async (records: number, ...flags: string[]): Promise<string> => {
      const lines = Array.from({ length: records }, (_, i) => `${i}\n`)
      const source = file(t, `sku\n${lines.join('')}`)
      ;(await dasy(['ingest', source, '--key', 'sku', '--quiet', ...flags], how)).expectStatus(0)
      return readFileSync(path, 'utf8')
    }
    await db.run(`
    CREATE TABLE parts (sku text PRIMARY KEY) PARTITION BY LIST (sku);
    CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN ('0');
    CREATE TABLE parts_others PARTITION OF parts DEFAULT`)
    await load(30, '--table', 'parts', '--metrics-file', path)
    await load(20, '--table', 'plain', '--metrics-file', path)
    await db.run('ANALYZE plain, parts')
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE parts IN ACCESS EXCLUSIVE MODE')
    const text = await load(1, '--table', 'other', '--metrics-file', path)
    t.match(text, /^dasy_table_rows\{table="plain"\} 20$/m)
    t.match(text, /^dasy_table_rows\{table="parts"\} 30$/m)
    await holder.query('ROLLBACK')
  },
)
