/** The changes of a first load, of which no copy is kept: whatever became of its rows, and where their records are. */
import { appendFileSync, renameSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Change } from '../../lib/contract/change.js'
import { blame, changes, ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { HistoryOf } from '../support/history.js'

async function all(db: TestDatabase, run: number, more = {}): Promise<Change[]> {
  const found: Change[] = []
  for await (const change of changes(run, { databaseUrl: db.url, ...more })) found.push(change)
  return found
}

async function blamed(db: TestDatabase, table: string, key: string): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const each of blame(table, key, { databaseUrl: db.url })) found.push(each)
  return found
}

const places = (found: readonly Change[], sources: Record<string, string>): string[] =>
  found.map(({ key, source, byte, line }) => {
    const text = sources[source ?? ''] ?? ''
    const record = text.slice(byte ?? 0).split('\n')[0]
    return `${key.id} ${line} ${record}`
  })

const TABLE = `
  CREATE TABLE things (id numeric PRIMARY KEY, at timestamptz, name varchar(9) DEFAULT 'none', note text)`
const FIRST = `id,at,name,note
01.50,2026-01-02 03:04+00,one,"a
b"
2,2026-05-06,two,
x,2026-05-06,bad,
1.5,2026-01-02 03:04+00,ONE,"a, b"
3,,three,""
`
const SECOND = `note,name,id,at
n4,four,4,
,five,5,infinity
"n,2",Two,2.0,2026-05-06 00:00+00
`
const inserted = (id: string, at: string | null, name: string, note: string | null) => ({
  id,
  at,
  name,
  note,
})
const LOADED = [
  inserted('1.5', '2026-01-02 03:04:00+00', 'ONE', 'a, b'),
  inserted('3', null, 'three', ''),
  inserted('4', null, 'four', 'n4'),
  inserted('5', 'infinity', 'five', null),
  inserted('2.0', '2026-05-06 00:00:00+00', 'Two', 'n,2'),
]

t.test('rows as they were loaded, in the order of the sources, whatever became of them', async (t) => {
  const db = await testDatabase(t)
  await db.run(TABLE)
  const options = { databaseUrl: db.url, table: 'things', key: 'id', maxRejects: 1 }
  const paths = [file(t, FIRST, 'first.csv'), file(t, SECOND, 'second.csv')]
  const [one = '', two = ''] = paths
  const { run, rows } = await ingest(paths, options)
  t.match(rows, { inserted: 5, rejected: 1, duplicates: 2 })
  t.match(await db.rows('SELECT kind FROM dasy.change_sets'), [{ kind: 'first_load' }])
  const found = await all(db, run)
  t.same(
    found.map((change) => change.new),
    LOADED,
  )
  t.ok(found.every(({ op, old }) => op === 'insert' && old === undefined))
  const wanted = [
    '1.5 6 1.5,2026-01-02 03:04+00,ONE,"a, b"',
    '3 7 3,,three,""',
    '4 2 n4,four,4,',
    '5 3 ,five,5,infinity',
    '2.0 4 "n,2",Two,2.0,2026-05-06 00:00+00',
  ]
  t.same(places(found, { [one]: FIRST, [two]: SECOND }), wanted)

  // Changed twice, deleted, deleted and made again, and a column that is added.
  await ingest(file(t, 'id,name\n1.5,1\n3,3\n'), options)
  await db.run('ALTER TABLE things ADD COLUMN extra text')
  await ingest(file(t, 'id,note,extra\n1.5,other,e\n'), options)
  await ingest(file(t, 'id,name\n1.5,again\n'), options)
  await using history = await HistoryOf.open(db)
  const byId = { key: ['id'] }
  await history.run('things', 'DELETE FROM things WHERE id IN (4, 5)', byId)
  await history.run('things', `INSERT INTO things (id, name) VALUES (5, 'anew')`, byId)
  await history.run('things', `UPDATE things SET note = 'anew' WHERE id = 5`, { ...byId, about: 30_000 })
  t.same(
    (await all(db, run)).map((change) => change.new),
    LOADED,
  )
  t.same(places(await all(db, run), { [one]: FIRST, [two]: SECOND }), wanted)
  t.same(
    (await all(db, run, { limit: 2, column: 'name' })).map((change) => change.new),
    [{ name: 'ONE' }, { name: 'three' }],
  )
  t.same(await all(db, run, { op: 'update,delete' }), [])

  t.match((await blamed(db, 'things', '1.50')).at(-1), {
    run,
    op: 'insert',
    source: one,
    line: 6,
    byte: FIRST.indexOf('1.5,'),
  })

  appendFileSync(two, 'more,six,6,\n')
  const without = await all(db, run)
  t.ok(without.every(({ source, byte, line }) => source === null && byte === null && line === null))
  const byName = (one: unknown, other: unknown) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)
  t.same(without.map((change) => change.new).toSorted(byName), LOADED.toSorted(byName))

  await db.run(`UPDATE things SET name = 'foreign' WHERE id = 2`)
  t.equal((await all(db, run)).length, 4, 'what somebody else has changed cannot be told')
  t.same(await db.rows(`SELECT relname FROM pg_class WHERE relname ~ '^dasy_(read|places)$'`), [])
})

t.test('the first of many rows, without reading all', async (t) => {
  const db = await testDatabase(t)
  const lines = Array.from({ length: 5000 }, (_, n) => `k${(n * 7919) % 5000},name ${n}`)
  const text = `sku,name\n${lines.join('\n')}\n`
  const path = file(t, gzipSync(text), 'many.csv.gz')
  const { run } = await ingest(path, { databaseUrl: db.url, workers: 2 })
  const found = await all(db, run, { limit: 60 })
  t.same(
    found.map(({ new: row, byte, line }) => [
      `${row?.sku},${row?.name}`,
      text.slice(byte ?? 0).split('\n')[0],
      line,
    ]),
    lines.slice(0, 60).map((record, n) => [record, record, n + 2]),
  )
  // Those that are gone are not among them: the next ones are.
  await db.run(
    `DELETE FROM products WHERE substr(name, 6)::integer < 4900; INSERT INTO products VALUES ('new', '', '')`,
  )
  t.same(
    (await all(db, run, { limit: 60 })).map(({ new: row }) => row?.name),
    Array.from({ length: 60 }, (_, n) => `name ${4900 + n}`),
  )
  const at = 4950
  const [who] = await blamed(db, 'products', lines[at]?.split(',')[0] ?? '')
  t.match(who, { run, op: 'insert', source: path, line: at + 2, byte: text.indexOf(lines[at] ?? '') })
  const whole = await all(db, run)
  t.equal(whole.length, 100)
  renameSync(path, `${path}.moved`)
  const moved = await all(db, run, { limit: 1 })
  t.match(moved, [{ source: path, byte: null, line: null }])
})

t.test('records that are read in other ways', async (t) => {
  const db = await testDatabase(t)
  const text = `name;sku;none\r\n 'a;'' b' ; x ;NULL\r\n\r\n  é ;y;NULL\r\n`
  const bytes = Buffer.from(text, 'latin1')
  const path = file(t, bytes)
  const { run } = await ingest(path, {
    databaseUrl: db.url,
    table: 'other',
    delimiter: ';',
    quote: `'`,
    trim: true,
    encoding: 'LATIN1',
    null: 'NULL',
    key: 'name,sku',
  })
  t.match(await all(db, run), [
    { key: { name: "a;' b", sku: 'x' }, new: { none: null }, byte: text.indexOf(" 'a"), line: 2 },
    { key: { name: 'é', sku: 'y' }, byte: text.indexOf('  é'), line: 4 },
  ])
  const rows = await ingest(file(t, 'a,b\n1,2\n,2\n1,2\n'), {
    databaseUrl: db.url,
    table: 'whole',
    key: ':row',
  })
  t.match(await all(db, rows.run), [
    { new: { a: null, b: '2' }, line: 3 },
    { new: { a: '1', b: '2' }, line: 4 },
  ])
})
