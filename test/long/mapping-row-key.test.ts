import { createHash } from 'node:crypto'
import t from 'tap'
import { ingest, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'

const options = { table: 'events', key: ':row' }

/** Another's way to the same id: the fields by the names of their columns, each with its length. */
function rowId(fields: Record<string, string | null>): string {
  const text = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name.length}:${name}${value === null ? '' : [...value].length}:${value ?? ''}`)
    .join('')
  const hex = createHash('sha256').update(text).digest('hex').slice(0, 32)
  const marked = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17)}`
  return marked.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

t.test(
  '--key :row adds only what is new, also from a file that is mixed, cut and ordered otherwise',
  async (t) => {
    const db = await testDatabase(t)
    const first = file(t, 'what,when,note\na,1,\nb,2,""\na,1,\nä€😀,3,"two\nlines"\n')
    const { rows, key } = await ingest(first, { ...options, databaseUrl: db.url })
    t.match(rows, { read: 4, duplicates: 1, inserted: 3 })
    t.same(key, [':row'])
    t.same(await db.columns('events'), ['row_id', 'what', 'when', 'note'])
    for (const { row_id, ...fields } of await db.rows<Record<string, string | null>>(
      'SELECT * FROM events',
    )) {
      t.equal(row_id, rowId(fields))
    }
    const mixed = file(t, 'NOTE,what,when\n,c,9\n,a,1\n"",a,1\n"two\nlines",ä€😀,3\n')
    const more = await ingest(mixed, { ...options, databaseUrl: db.url, workers: 3, rangeSize: 5 })
    t.match(more.rows, { read: 4, duplicates: 0, inserted: 2, unchanged: 2, updated: 0 }, 'NULL is not empty')
    await assertNothingLeft(t, db, { tables: ['events'] })
  },
)

t.test('the same record has the same id in a database of another encoding', async (t) => {
  const source = file(t, 'what,price\nMüller,5\n')
  const ids: unknown[] = []
  for (const encoding of ['UTF8', 'LATIN1']) {
    const db = await testDatabase(t, encoding)
    await ingest(source, { ...options, databaseUrl: db.url, types: 'price:int', set: { day: '2024' } })
    ids.push(await db.value('SELECT row_id FROM events'))
  }
  t.same(ids, Array(2).fill(rowId({ what: 'Müller', price: '5' })))
})

t.test('a table that exists needs a unique row_id', async (t) => {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE events (what text); CREATE TABLE odd (what text, row_id uuid)`)
  const source = file(t, 'what\na\nb\na\n')
  const lacking = await failure(t, update(source, { ...options, databaseUrl: db.url }))
  t.match(lacking, { code: 'COLUMN_UNKNOWN', hint: /ALTER TABLE "events" ADD COLUMN row_id uuid UNIQUE/ })
  const loose = await failure(t, update(source, { ...options, table: 'odd', databaseUrl: db.url }))
  t.match(loose, { code: 'KEY_MISMATCH', hint: /CREATE UNIQUE INDEX ON "odd" \("row_id"\)/ })
  await db.run('ALTER TABLE events ADD COLUMN row_id uuid UNIQUE')
  t.match((await update(source, { ...options, databaseUrl: db.url })).rows, { inserted: 2, duplicates: 1 })
  const clash = file(t, 'what,row_id\na,b\n')
  t.match(await failure(t, update(clash, { ...options, databaseUrl: db.url })), { code: 'COLUMN_AMBIGUOUS' })
})
