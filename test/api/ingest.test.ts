import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { LoadOptions, Receipt } from '../../lib/index.js'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file, generatedProducts, realFiles } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, Oracle } from '../support/oracle.js'
import { versionsDigest } from '../support/rows.js'

type Options = LoadOptions & { key: string[] }

let schemas = 0

/** Loads a file into a products table of its own, and compares table, aggregate and counts with the oracle's. */
async function loadAndCompare(t: Test, db: TestDatabase, oracle: Oracle, source: string, options: Options) {
  const { key, duplicates } = options
  const expected = { key, ...(duplicates !== 'error' && duplicates && { duplicates }) }
  const schema = `load_${++schemas}`
  await db.run(`CREATE SCHEMA ${schema}`)
  const receipt = await ingest(source, { ...options, databaseUrl: db.url, table: `${schema}.products` })
  const { table, aggregate } = { table: `${schema}.products`, aggregate: `${schema}.products_agg` }
  const label = `${schema}: by ${key}, ${receipt.workers} workers, ranges of ${options.rangeSize ?? 'any size'}`
  await compareTables(t, db, table, oracle.table(expected), `${label}: the table`)
  await compareTables(t, db, aggregate, oracle.aggregate(expected), `${label}: the aggregate`)
  t.same(
    receipt.rows,
    await expectedRows(db, oracle, `(${oracle.table(expected)})`),
    `${label}: the receipt's rows`,
  )
  t.same(receipt.aggregates, [{ table: aggregate, groups: await count(db, aggregate) }])
  return { receipt, table, aggregate }
}

async function expectedRows(db: TestDatabase, oracle: Oracle, table: string): Promise<Receipt['rows']> {
  const inserted = await count(db, table)
  const none = { rejected: 0, updated: 0, unchanged: 0, skipped: 0, deleted: 0 }
  return { ...none, read: oracle.records, duplicates: oracle.records - inserted, inserted }
}

function count(db: TestDatabase, table: string): Promise<number> {
  return db.value(`SELECT count(*) FROM ${table} AS counted`)
}

t.test('the real product file is loaded as psql and plain SQL load it, whatever the workers', async (t) => {
  const db = await testDatabase(t)
  const oracle = await Oracle.load(t, db, realFiles.products)
  const cases: [string[], number[]][] = [
    [['sku'], [1, 2, 3, 8]],
    [
      ['sku', 'name'],
      [1, 3],
    ],
  ]
  for (const [key, numbers] of cases) {
    for (const workers of numbers) {
      const { receipt } = await loadAndCompare(t, db, oracle, realFiles.products, {
        key,
        workers,
        rangeSize: 5000,
      })
      t.match(receipt, {
        command: 'ingest',
        status: 'completed',
        source: realFiles.products,
        key,
        bytes: 179_500,
        workers,
      })
    }
  }
  await loadAndCompare(t, db, oracle, realFiles.products, { key: ['sku'], duplicates: 'first', workers: 2 })
})

t.test('the real file of titles becomes a table of text columns, named as in its header', async (t) => {
  const db = await testDatabase(t)
  const oracle = await Oracle.load(t, db, realFiles.titles)
  t.equal(oracle.columns.length, 21)
  for (const workers of [1, 3]) {
    const table = `titles_${workers}`
    const receipt = await ingest(realFiles.titles, { databaseUrl: db.url, table, key: 'title', workers })
    await compareTables(t, db, table, oracle.table({ key: ['title'] }))
    t.same(receipt.rows, await expectedRows(db, oracle, `(${oracle.table({ key: ['title'] })})`))
    t.same(receipt.aggregates, [], 'only products have an aggregate by themselves')
    const columns = await db.rows(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
         FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
      [table],
    )
    t.same(
      columns,
      oracle.columns.map((name) => ({ name, type: 'text' })),
      'the columns in the order of the file',
    )
    t.equal(
      await db.value('SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::regclass', [
        table,
      ]),
      'PRIMARY KEY (title)',
    )
  }
  await assertNothingLeft(t, db, { tables: ['titles_1', 'titles_3'] })
})

// From 50,000 records on a second session helps with the merge.
t.test('a generated file is loaded as psql and plain SQL load it, and so is its next edition', async (t) => {
  const db = await testDatabase(t)
  const source = generatedProducts(t, 60_000)
  const next = generatedProducts(t, 60_000, '--changed', '10')
  const oracle = await Oracle.load(t, db, source)
  const { table, aggregate } = await loadAndCompare(t, db, oracle, source, { key: ['sku'], workers: 2 })
  await loadAndCompare(t, db, oracle, source, { key: ['sku', 'name'], workers: 3, duplicates: 'first' })

  const kept = await count(db, table)
  const newer = await Oracle.load(t, db, next)
  const changed = await db.value<number>(
    `SELECT count(*) FROM ${table} AS old JOIN (${newer.table({ key: ['sku'] })}) AS new USING (sku)
      WHERE (old.name, old.description) IS DISTINCT FROM (new.name, new.description)`,
  )
  const receipt = await ingest(next, { databaseUrl: db.url, table, workers: 2 })
  await compareTables(t, db, table, newer.table({ key: ['sku'] }))
  await compareTables(t, db, aggregate, newer.aggregate({ key: ['sku'] }))
  t.ok(changed > 4000, 'many rows are changed')
  t.match(receipt.rows, { inserted: 0, updated: changed, unchanged: kept - changed })
})

const FIRST_60 = (() => {
  const bytes = readFileSync(realFiles.products)
  // Records end in CRLF, line breaks within them are LF alone.
  let end = 0
  for (let record = 0; record <= 60; record++) end = bytes.indexOf('\r\n', end) + 2
  return bytes.subarray(0, end)
})()

t.test('ranges of a few bytes make no difference', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, FIRST_60)
  const oracle = await Oracle.load(t, db, FIRST_60)
  t.equal(oracle.records, 60)
  for (const [rangeSize, workers] of [
    [1, 1],
    [1, 3],
    [7, 2],
    [100, 3],
    [1000, 2],
  ] as const) {
    await loadAndCompare(t, db, oracle, source, { key: ['sku'], rangeSize, workers })
  }
  await loadAndCompare(t, db, oracle, source, { key: ['sku', 'name'], rangeSize: 7, workers: 3 })
})

const RECORDS = [
  'sku,name,description',
  '1,one,plain',
  '2,"two, and a comma","a ""quoted"" word"',
  '3,three,"LF\nin a field"',
  '4,four,"CR\rin a field"',
  '5,five,"CRLF\r\nand an empty line\r\n\r\nin a field"',
  '6,,""',
  '7,"",',
  '1,one again,the last record wins',
  '8,"ends with a quote""","""begins with one"',
  'ä,née,日本語 🎁',
  ' 9 , spaces , are text ',
  '10,ten,last',
]
const PLAIN = RECORDS.map((record) => `${record}\n`).join('')

/** The same records, written in another way. */
const WAYS: Record<string, string> = {
  'records that end in LF': PLAIN,
  'records that end in CRLF': RECORDS.map((record) => `${record}\r\n`).join(''),
  'records that end in CR': RECORDS.map((record) => `${record}\r`).join(''),
  'records that end in LF, CRLF and CR in turn': RECORDS.map(
    (record, index) => record + ['\n', '\r\n', '\r'][index % 3],
  ).join(''),
  'records that end in CR, LF and CRLF in turn': RECORDS.map(
    (record, index) => record + ['\r', '\n', '\r\n'][index % 3],
  ).join(''),
  'a byte order mark': `\uFEFF${PLAIN}`,
  'no line end at the end': PLAIN.slice(0, -1),
  'no line end at the end, after CRLF': RECORDS.join('\r\n'),
  'CR at the end, after LF': `${PLAIN.slice(0, -1)}\r`,
  'blank lines before the header': `\n\n${PLAIN}`,
  'a byte order mark and a blank line': `\uFEFF\r\n${PLAIN}`,
  'blank lines after the header': PLAIN.replace('\n', '\n\n\r\n'),
  'blank lines between the records': RECORDS.join('\n\n\n'),
  'blank lines of all kinds between the records': RECORDS.join('\r\n\r\r\n\n\r'),
  'blank lines at the end': `${PLAIN}\n\r\n\r\r`,
}

t.test('a file holds the same records', async (t) => {
  const db = await testDatabase(t)
  const oracle = await Oracle.load(t, db, Buffer.from(PLAIN))
  for (const [way, content] of Object.entries(WAYS)) {
    await t.test(`with ${way}`, async (t) => {
      const source = file(t, content)
      await loadAndCompare(t, db, oracle, source, { key: ['sku'] })
      await loadAndCompare(t, db, oracle, source, { key: ['sku'], workers: 3, rangeSize: 1 })
    })
  }
})

// psql before 18 and PostgreSQL before 18 take such a line for the end of the data: no oracle for these.
t.test('a line that is just \\. is data', async (t) => {
  const db = await testDatabase(t)
  const alone = file(t, 'word\na\n\\.\nb\n\\.\n')
  const quoted = file(t, 'word,text\n1,"before\n\\.\nafter"\n\\.,2\n3,"\\."\n"\\.\n",4\n')
  for (const rangeSize of [undefined, 1]) {
    const table = `words_${rangeSize ?? 'any'}`
    const options = { databaseUrl: db.url, key: 'word', workers: 2, rangeSize }
    const receipt = await ingest(alone, { ...options, table })
    await compareTables(t, db, table, `SELECT unnest(ARRAY['a', 'b', '\\.']) AS word`)
    t.match(receipt.rows, { read: 4, duplicates: 1, inserted: 3 })

    await ingest(quoted, { ...options, table: `${table}_quoted` })
    await compareTables(
      t,
      db,
      `${table}_quoted`,
      `SELECT * FROM (VALUES ('1', E'before\\n\\\\.\\nafter'), ('\\.', '2'), ('3', '\\.'), (E'\\\\.\\n', '4'))
           AS v (word, text)`,
    )
  }
})

t.test('columns are matched by their names, whatever their order, case and spaces', async (t) => {
  const db = await testDatabase(t)
  const content = '  Description , SKU,"Name"\nfirst,1,one\n,2,"two"\n"",3,\n'
  const oracle = await Oracle.load(t, db, Buffer.from(content), ['description', 'sku', 'name'])
  const source = file(t, content)
  const { table } = await loadAndCompare(t, db, oracle, source, { key: ['sku'] })
  t.same(
    (
      await db.rows(
        'SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum',
        [table],
      )
    ).map(({ attname }) => attname),
    ['sku', 'name', 'description'],
    'a new products table has its own order',
  )
  await loadAndCompare(t, db, oracle, source, { key: ['sku'], rangeSize: 1, workers: 2 })

  await db.run('CREATE TABLE counted ("PDL_Count" text, job_title text PRIMARY KEY)')
  const titles = file(t, 'Job Title,pdl count\nclerk,1\nbaker,2\n')
  await ingest(titles, { databaseUrl: db.url, table: 'counted', key: 'job_title' })
  await compareTables(
    t,
    db,
    'counted',
    `SELECT * FROM (VALUES ('1', 'clerk'), ('2', 'baker')) AS v ("PDL_Count", job_title)`,
  )
})

t.test('an unquoted empty field is NULL and a quoted one is an empty string', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'sku,name,description\n1,,""\n2,"",\n3," "," "\n4,NULL,\\N\n')
  await ingest(source, { databaseUrl: db.url })
  t.same(await db.rows('SELECT * FROM products ORDER BY sku'), [
    { sku: '1', name: null, description: '' },
    { sku: '2', name: '', description: null },
    { sku: '3', name: ' ', description: ' ' },
    { sku: '4', name: 'NULL', description: '\\N' },
  ])
  t.same(await db.rows('SELECT * FROM products_agg ORDER BY name COLLATE "C"'), [
    { name: '', no_of_products: 1 },
    { name: ' ', no_of_products: 1 },
    { name: 'NULL', no_of_products: 1 },
    { name: null, no_of_products: 1 },
  ])
})

t.test('a second ingest of the same file changes nothing and writes no row', async (t) => {
  const db = await testDatabase(t)
  await ingest(realFiles.products, { databaseUrl: db.url, workers: 2 })
  const digests = () => Promise.all(['products', 'products_agg'].map((table) => versionsDigest(db, table)))
  const before = await digests()
  for (const options of [
    { workers: 2 },
    { workers: 3, rangeSize: 10_000 },
    { workers: 1, rangeSize: 100_000 },
  ]) {
    const receipt = await ingest(realFiles.products, { databaseUrl: db.url, ...options })
    t.same(receipt.rows, {
      read: 998,
      rejected: 0,
      duplicates: 499,
      inserted: 0,
      updated: 0,
      unchanged: 499,
      skipped: 0,
      deleted: 0,
    })
    t.same(receipt.aggregates, [{ table: 'products_agg', groups: 499 }])
    t.same(await digests(), before, 'each row is where it was, written by whom it was')
  }
  await assertNothingLeft(t, db)
})

t.test('a file with a header alone makes the table and loads nothing', async (t) => {
  const db = await testDatabase(t)
  for (const content of ['sku,name,description', 'sku,name,description\r\n\r\n']) {
    const receipt = await ingest(file(t, content), { databaseUrl: db.url })
    t.match(receipt.rows, { read: 0, inserted: 0 })
    t.same(receipt.aggregates, [{ table: 'products_agg', groups: 0 }])
  }
  t.equal(await count(db, 'products'), 0)
  const filled = await ingest(realFiles.products, { databaseUrl: db.url })
  t.match(filled.rows, { read: 998, inserted: 499 }, 'and the next file finds it empty')
  await assertNothingLeft(t, db)
})
