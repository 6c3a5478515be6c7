import t, { type Test } from 'tap'
import type { IngestOptions, Receipt } from '../../lib/index.js'
import { ingest, rejects } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import {
  isDirect,
  keyOf,
  MANY,
  manyProducts,
  product,
  twoDatabases,
  usualPath,
} from '../support/direct-path.js'
import { file } from '../support/files.js'
import { assertProductsLoaded, compareTables, countsOf } from '../support/oracle.js'

/** The direct path must give what the usual one does: rows, counts, rejects, receipt. */

const RANGE = 300_000

async function all<Each>(found: AsyncIterable<Each>): Promise<Each[]> {
  const list: Each[] = []
  for await (const each of found) list.push(each)
  return list
}

/** What a load tells and stores, without what differs between two runs of the same load. */
async function outcome(db: TestDatabase, { run, rows, aggregates }: Receipt): Promise<object> {
  const refused = await all(rejects(run, { databaseUrl: db.url }))
  const stored = await db.value(
    `SELECT md5(string_agg(p::text, E'\\n' ORDER BY sku)) FROM (SELECT sku, name, description FROM products) AS p`,
  )
  return { rows, aggregates, stored, rejects: refused }
}

/** Loads the same on both paths and compares the outcomes. */
async function compare(t: Test, content: string | Uint8Array, options: IngestOptions = {}): Promise<void> {
  const [direct, usual] = await twoDatabases(t)
  const path = file(t, content)
  const load = (db: TestDatabase, more: IngestOptions) =>
    ingest(path, {
      databaseUrl: db.url,
      workers: 2,
      rangeSize: RANGE,
      maxRejects: '100%',
      ...options,
      ...more,
    })
  const loaded = await load(direct, {})
  t.ok(await isDirect(direct), 'the staging table became the table')
  const expected = await load(usual, usualPath(t))
  t.notOk(await isDirect(usual), 'the other one was made with its rows')
  t.same(await outcome(direct, loaded), await outcome(usual, expected))
  await compareTables(t, direct, 'products_agg', countsOf('products'))
}

t.test('repeated keys', async (t) => {
  const content = manyProducts()
  for (const duplicates of ['last', 'first'] as const) await compare(t, content, { duplicates })
  const db = await testDatabase(t)
  const path = file(t, content)
  await ingest(path, { databaseUrl: db.url, workers: 2 })
  await assertProductsLoaded(t, db, path)
})

t.test('the ends of lines and of the file', async (t) => {
  await compare(t, manyProducts().replaceAll('\n', '\r\n'))
  await compare(t, manyProducts().slice(0, -1))
  await compare(t, `${manyProducts().slice(0, -1)}\r\n`)
  // The last record loses.
  await compare(
    t,
    manyProducts((index) => (index === MANY - 1 ? product(index, 'sku-7') : undefined)).slice(0, -1),
    {
      duplicates: 'first',
    },
  )
})

/** Every so many records one is bad: of those that win and of those that lose. */
const BAD: Readonly<Record<string, (index: number) => string | undefined>> = {
  'too few fields': (index) => (index % 97 === 3 ? `only,${keyOf(index)}` : undefined),
  'too many fields': (index) => (index % 1009 === 10 ? `${product(index)},more` : undefined),
  'no key': (index) => (index % 1013 === 5 ? product(index, '') : undefined),
  'an empty key in quotes': (index) => (index % 1013 === 5 ? product(index, '""') : undefined),
  'a NUL': (index) => (index % 2003 === 7 ? `${product(index)}\0` : undefined),
  'a stray quote': (index) => (index % 2003 === 10 ? `${product(index)} "` : undefined),
}

for (const [what, bad] of Object.entries(BAD)) {
  t.test(`bad records: ${what}`, async (t) => {
    await compare(t, manyProducts(bad))
    await compare(t, manyProducts(bad), { duplicates: 'first' })
  })
}

t.test('bad records: invalid UTF-8 in one that wins, one that loses, and both of a key', async (t) => {
  const mark = '\u0001\u0002'
  const marked = [10, 21, 4000, keyIndex(4003), 4003, 12_012]
  const content = manyProducts((index) => (marked.includes(index) ? `${product(index)}${mark}` : undefined))
  const bytes = Buffer.from(content)
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) bytes.set([0xff, 0xfe], at)
  await compare(t, bytes)
  await compare(t, bytes, { duplicates: 'first' })
})

/** Of a record that repeats a key: the record that has it first. */
function keyIndex(index: number): number {
  return Number(keyOf(index).slice(4))
}

t.test('keys that have no room in memory, and bad records to which others lose', async (t) => {
  const long = (text: string) => text.replaceAll(',sku-', `,${'k'.repeat(300)}-`)
  const bad = (index: number) => (index % 3003 === 10 ? `only,${keyOf(index)}` : undefined)
  await compare(t, long(manyProducts()))
  for (const duplicates of ['last', 'first'] as const)
    await compare(t, long(manyProducts(bad)), { duplicates })
})

t.test('a table with other columns and a key of two, in another schema, by one worker', async (t) => {
  const [direct, usual] = await twoDatabases(t)
  const path = file(t, manyProducts().replace('name,sku,description', '"The ""Name""",position,c1'))
  const given = { table: 'Some.c2', key: ['position', 'The "Name"'], workers: 1, rangeSize: RANGE }
  const loaded = await ingest(path, { databaseUrl: direct.url, ...given })
  const expected = await ingest(path, { databaseUrl: usual.url, ...given, ...usualPath(t) })
  t.same(loaded.rows, expected.rows)
  t.ok(await isDirect(direct, '"Some".c2'))
  const facts = (db: TestDatabase) =>
    db.rows(
      `SELECT (SELECT md5(string_agg(t::text, E'\\n' ORDER BY t)) FROM "Some".c2 AS t) AS rows,
              pg_get_indexdef(indexrelid) AS index, (SELECT array_agg(conname ORDER BY conname)
                                                       FROM pg_constraint WHERE conrelid = indrelid) AS constraints
         FROM pg_index WHERE indrelid = '"Some".c2'::regclass`,
    )
  t.same(await facts(direct), await facts(usual))
})

t.test('several files, whose columns are in another order', async (t) => {
  const [direct, usual] = await twoDatabases(t)
  const lines = manyProducts().split('\n').slice(1)
  const moved = lines.map((line) => line.replace(/^([^,"]*),([^,"]*),/, '$2,$1,')).join('\n')
  const paths = [file(t, manyProducts(), 'one.csv'), file(t, `sku,name,description\n${moved}`, 'two.csv')]
  const load = (db: TestDatabase, more: IngestOptions = {}) =>
    ingest(paths, { databaseUrl: db.url, workers: 2, rangeSize: RANGE, maxRejects: '100%', ...more })
  const loaded = await load(direct)
  t.ok(await isDirect(direct))
  t.same(await outcome(direct, loaded), await outcome(usual, await load(usual, usualPath(t))))
})
