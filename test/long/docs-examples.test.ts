/** The examples, as their README files say, in a copy of their folders: against plain SQL on a \copy of the file. */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, Oracle } from '../support/oracle.js'
import { versionsDigest } from '../support/rows.js'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const TITLES = '2019_free_title_data.csv'
const WAREHOUSE = ['titles', 'job_titles', 'related_titles'].map((table) => `datawarehouse.${table}`)

/** A copy of an example, and a database for it. */
class Example {
  private constructor(
    readonly db: TestDatabase,
    readonly folder: string,
  ) {}

  static async open(t: Test, name: string): Promise<Example> {
    const copy = folder(t)
    cpSync(EXAMPLES, copy, { recursive: true })
    return new Example(await testDatabase(t), join(copy, name))
  }

  async dasy(...args: string[]) {
    const env = { DATABASE_URL: this.db.url }
    const result = await dasy([...args, '--json'], { cwd: this.folder, env })
    return result.expectStatus(0).json<Record<string, never>>()
  }

  /** Each row of the warehouse with the transaction that wrote it. */
  async versions(): Promise<string[]> {
    const digests: string[] = []
    for (const table of WAREHOUSE) digests.push(await versionsDigest(this.db, table))
    return digests
  }
}

/** The last record of each title, by the oracle. */
const RECORDS = `SELECT DISTINCT ON (title) * FROM oracle.records ORDER BY title, "oracle position" DESC`
const JOB_TITLES = `SELECT btrim(title) AS title, "pdl count"::bigint AS pdl_count FROM (${RECORDS}) AS r`
const RELATED = `
  SELECT btrim(r.title) AS title, btrim(cell.value) AS related, min(substring(cell.key FROM '\\d+$')::smallint) AS rank
    FROM (${RECORDS}) AS r, jsonb_each_text(to_jsonb(r)) AS cell
   WHERE cell.key LIKE 'top related titles %' AND btrim(cell.value) > ''
   GROUP BY 1, 2`

async function assertWarehouse(t: Test, { db }: Example, source: string | Uint8Array): Promise<void> {
  await Oracle.load(t, db, source)
  const jobTitles =
    'SELECT name AS title, pdl_count FROM datawarehouse.job_titles JOIN datawarehouse.titles ON id = title_id'
  await compareTables(t, db, `(${jobTitles}) AS a`, JOB_TITLES, 'each title with its count')
  const related = `
    SELECT t.name AS title, x.name AS related, rank
      FROM datawarehouse.related_titles
      JOIN datawarehouse.titles AS t ON t.id = job_title_id
      JOIN datawarehouse.titles AS x ON x.id = related_title_id`
  await compareTables(t, db, `(${related}) AS a`, RELATED, 'each title with its related titles')
}

t.test(
  'the job titles are normalised as plain SQL would, and a second time nothing is written',
  async (t) => {
    const example = await Example.open(t, 'job-titles')
    const { db } = example
    const { table, rows } = await example.dasy('ingest', TITLES)
    t.match(
      { table, rows },
      { table: 'staging.titles', rows: { read: 5000, duplicates: 11, inserted: 4989 } },
    )
    await assertWarehouse(t, example, join(example.folder, TITLES))
    const names = `SELECT title AS name FROM (${JOB_TITLES}) AS j UNION SELECT related FROM (${RELATED}) AS r`
    await compareTables(
      t,
      db,
      '(SELECT name FROM datawarehouse.titles) AS a',
      names,
      'the look-up table has each name once',
    )
    t.equal(await db.value('SELECT max(id) - count(*) FROM datawarehouse.titles'), 0, 'no number is wasted')

    const before = await example.versions()
    t.match(await example.dasy('ingest', TITLES), { rows: { unchanged: 4989 } })
    t.same(await example.versions(), before, 'no row was written')

    for (let time = 0; time < 2; time++) {
      const { views } = await example.dasy('analyze', 'titles')
      t.same(views, [
        { view: 'datawarehouse.average_manager_count', materialized: false, rows: 1 },
        { view: 'datawarehouse.most_related_titles', materialized: false, rows: 10 },
      ])
    }
    const most = `
    SELECT title, related_titles, pdl_count
      FROM (SELECT title, count(*) AS related_titles FROM (${RELATED}) AS r GROUP BY title) AS counted
      JOIN (${JOB_TITLES}) AS j USING (title)
     ORDER BY related_titles DESC, pdl_count DESC, title LIMIT 10`
    await compareTables(t, db, 'datawarehouse.most_related_titles', most)
    const average = `SELECT count(*) AS manager_titles, sum(pdl_count) / count(*) AS average_pdl_count
                     FROM (${JOB_TITLES}) AS j WHERE position('manager' IN lower(title)) > 0`
    await compareTables(t, db, 'datawarehouse.average_manager_count', average)
    const tables = [...WAREHOUSE, 'datawarehouse.average_manager_count', 'datawarehouse.most_related_titles']
    await assertNothingLeft(t, db, { tables: [...tables, 'datawarehouse.titles_id_seq', 'staging.titles'] })
  },
)

t.test('of a file with old, changed and new titles the old ones keep their numbers', async (t) => {
  const example = await Example.open(t, 'job-titles')
  const { db } = example
  const [header = '', ...records] = readFileSync(join(example.folder, TITLES), 'utf8').trim().split('\r\n')
  const first = records.slice(0, 2500)
  // Half of it old; of that every fifth changed: another count, the last cell empty, the one before it doubled.
  const second = records.slice(1250, 3750).map((record, index) => {
    if (index % 5 > 0) return record
    const [title, , ...cells] = record.split(',')
    return [title, index, ...cells.slice(0, -1), cells[3]].join(',')
  })
  const write = (name: string, lines: readonly string[]): Buffer => {
    writeFileSync(join(example.folder, name), [header, ...lines, ''].join('\r\n'))
    return readFileSync(join(example.folder, name))
  }
  write('title_data_1.csv', first)
  write('title_data_2.csv', second)
  const { run } = await example.dasy('ingest', 'title_data_1.csv')
  const numbers = 'SELECT id, name FROM datawarehouse.titles'
  await db.run(`CREATE TABLE known AS ${numbers}`)
  await example.dasy('ingest', 'title_data_2.csv')

  await compareTables(
    t,
    db,
    `(${numbers} JOIN known USING (id, name)) AS a`,
    'TABLE known',
    'known titles keep their numbers',
  )
  t.ok(
    (await db.value<number>('SELECT count(*) FROM datawarehouse.titles')) >
      (await db.value<number>('SELECT count(*) FROM known')),
  )
  await assertWarehouse(t, example, write('both.csv', [...first, ...second]))
  const brought = 'SELECT count(*) FROM datawarehouse.job_titles WHERE first_run = $1'
  t.equal(await db.value(brought, [run]), new Set(first.map((record) => record.split(',')[0])).size)
})

t.test('the products are loaded by either key', async (t) => {
  const example = await Example.open(t, 'products')
  const { db } = example
  t.match(await example.dasy('ingest', '../products.csv'), { table: 'products', key: ['sku'] })
  const table = 'products_by_sku_name'
  t.match(await example.dasy('ingest', '../products.csv', '--dataset', table), {
    table,
    key: ['sku', 'name'],
  })
  const oracle = await Oracle.load(t, db, join(example.folder, '../products.csv'))
  const [bySku, byBoth] = [{ key: ['sku'] }, { key: ['sku', 'name'] }]
  await compareTables(t, db, 'products', oracle.table(bySku))
  await compareTables(t, db, 'products_agg', oracle.aggregate(bySku))
  await compareTables(t, db, table, oracle.table(byBoth))
  await compareTables(t, db, `${table}_agg`, oracle.aggregate(byBoth, 'name', `no_of_${table}`))
  t.match(await example.dasy('ingest', '../products.csv'), { rows: { inserted: 0, updated: 0 } })
})

t.test('the inbox loads itself', async (t) => {
  const { db, folder: cwd } = await Example.open(t, 'inbox')
  t.equal(spawnSync('sh', ['drop.sh'], { cwd }).status, 0)
  const options = { cwd, env: { DATABASE_URL: db.url, DASY_HOST: 'a' } }
  const { stdout } = (await dasy(['watch', '--once', '--json'], options)).expectStatus(1)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const filed = events
    .filter(({ type }) => ['file.loaded', 'file.same', 'file.failed'].includes(type))
    .map(({ type, data }) => `${type} ${data.file}`)
  t.same(filed.sort(), [
    'file.failed in/products-4.csv',
    'file.loaded in/products-1.csv',
    'file.loaded in/products-2.csv',
    'file.loaded in/titles-2019.csv',
    'file.same in/products-3.csv',
  ])
  t.same(readdirSync(join(cwd, 'in')).sort(), ['done', 'failed'])
  const dropped = `SELECT count(*) FROM products WHERE sku LIKE 'inbox-%'`
  t.equal(await db.value(dropped), 3)
  t.equal(await db.value('SELECT count(*) FROM staging.titles'), 4989)
  t.match(readFileSync(join(cwd, 'alerts.jsonl'), 'utf8'), /"alert\.raised".*"failed"/)
})
