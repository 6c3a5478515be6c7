import t from 'tap'
import { ingest } from '../support/compiled.js'
import { CUTS } from '../support/cuts.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'

t.test('a NULL word is NULL where it is a whole field without quotes', async (t) => {
  const db = await testDatabase(t)
  const source = file(
    t,
    'sku,name,description\r\n1,NULL,"NULL"\r\n2,,""\r\n3,NULLs,NULL\r\n4,"a,NULL,b","\r\nNULL\r\n"\r\n\r\n5,NULL,NULL',
  )
  for (const [index, cut] of CUTS.entries()) {
    const table = `load_${index}`
    const { rows } = await ingest(source, { databaseUrl: db.url, table, null: 'NULL', ...cut })
    t.match(rows, { read: 5, inserted: 5, rejected: 0 })
    t.same(await db.rows(`SELECT * FROM ${table} ORDER BY sku`), [
      { sku: '1', name: null, description: 'NULL' },
      { sku: '2', name: null, description: '' },
      { sku: '3', name: 'NULLs', description: null },
      { sku: '4', name: 'a,NULL,b', description: '\r\nNULL\r\n' },
      { sku: '5', name: null, description: null },
    ])
  }
})

t.test('a record of one column that is the NULL word has no key, and is not lost', async (t) => {
  const db = await testDatabase(t)
  for (const end of ['\n', '']) {
    const source = file(t, `sku\na\n\nNULL\nb\n"NULL"\n\\.\nNULL${end}`)
    for (const cut of CUTS) {
      const options = { databaseUrl: db.url, table: 'one', null: 'NULL', maxRejects: 2, ...cut }
      const { rows } = await ingest(source, options)
      t.match(rows, { read: 6, rejected: 2 })
      t.same(await db.rows('SELECT sku FROM one ORDER BY sku COLLATE "C"'), [
        { sku: 'NULL' },
        { sku: '\\.' },
        { sku: 'a' },
        { sku: 'b' },
      ])
      const missing = { reason: 'missing key', record: Buffer.from('NULL'), staged: true, complete: true }
      t.same(await newestRejects(db), [
        { line: 4, byte: 7, ...missing },
        { line: 8, byte: 24, ...missing },
      ])
    }
  }
})

t.test(
  'it works in records that are put right, in the encoding of the file, and over many pieces',
  async (t) => {
    const db = await testDatabase(t)
    const count = 600
    const lines = Array.from({ length: count }, (_, i) =>
      i % 50 === 7
        ? `${i},5" pipe,f\xfcr`
        : i % 3
          ? `${i},f\xfcr,"f\xfcr"`
          : `${i},plain text of record ${i},`,
    )
    const source = file(t, Buffer.from(`sku,name,description\n${lines.join('\n')}\n`, 'latin1'))
    for (const cut of [{ workers: 1 }, { workers: 5, rangeSize: 500 }]) {
      const options = {
        databaseUrl: db.url,
        table: `by_${cut.workers}`,
        null: 'für',
        encoding: 'latin1',
        ...cut,
      }
      const { rows } = await ingest(source, { ...options, lenientQuotes: true })
      t.match(rows, { read: count, inserted: count })
      const found = await db.row(
        `SELECT count(*) FILTER (WHERE name IS NULL) AS nulls,
              count(*) FILTER (WHERE description = 'für') AS words,
              count(*) FILTER (WHERE name = '5" pipe' AND description IS NULL) AS lenient
         FROM by_${cut.workers}`,
      )
      const plain = lines.filter((line) => line.includes('"f')).length
      t.same(found, { nulls: plain, words: plain, lenient: 12 })
    }
  },
)

t.test('a NULL word that could not be told from something else is refused', async (t) => {
  const source = file(t, 'sku\na\n')
  for (const word of ['', 'a,b', 'a"b', 'a\rb', 'a\nb', 'a\0b']) {
    const error = await failure(t, ingest(source, { null: word }))
    t.match(error, { code: 'BAD_OPTION', exitStatus: 2, message: /--null/ })
  }
  const db = await testDatabase(t)
  const error = await failure(t, ingest(source, { databaseUrl: db.url, null: '日', encoding: 'LATIN1' }))
  t.match(error, { code: 'BAD_OPTION', exitStatus: 2, message: /--null.*LATIN1/, hint: /--encoding/ })
})
