import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { type LedgerReject, newestRejects } from '../support/ledger.js'

const HEADER = 'sku,name,description\n'

/** Many pieces of records with everything that COPY would not take as it stands, far apart and close together. */
function damaged(): { content: string; rows: object[]; rejects: LedgerReject[] } {
  let content = HEADER
  let line = 2
  const rows: object[] = []
  const rejects: LedgerReject[] = []
  const add = (record: string, end: string): void => {
    content += record + end
    line += `${record}${end}`.split(/\r\n|\r|\n/).length - 1
  }
  const reject = (record: string, reason: string, end: string): void => {
    const byte = Buffer.byteLength(content)
    rejects.push({
      line,
      byte,
      reason,
      record: Buffer.from(record),
      staged: reason === 'missing key',
      complete: true,
    })
    add(record, end)
  }
  for (let i = 0; i < 900; i += 1) {
    // Long stretches that end alike, with single ones of another kind in them.
    const end = i % 89 === 5 ? '\r' : i < 300 ? '\n' : i < 600 ? '\r\n' : '\n'
    if (i % 97 === 1) reject(`b${i},5" pipe,`, 'stray quote', end)
    if (i % 97 === 2) reject(`b${i},few`, 'too few fields: 2 of 3', end)
    if (i % 97 === 3) reject(`b${i},"open,`, 'quote never closed', end)
    if (i % 101 === 7) reject(',"no\nkey",', 'missing key', end)
    if (i % 103 === 9) add('', end)
    if (i % 107 === 9) reject('\\.', 'too few fields: 1 of 3', end)
    const name = `näme ${i}, "quoted"${end}and ${'long '.repeat(i % 40)}`
    add(`${i},"${name.replaceAll('"', '""')}",`, end)
    rows.push({ sku: `${i}`, name, description: null })
  }
  return { content, rows, rejects }
}

t.test('the good records around bad ones load at their places, whatever ends their lines', async (t) => {
  const db = await testDatabase(t)
  const { content, rows, rejects } = damaged()
  const source = file(t, content)
  for (const cut of [{ workers: 1 }, { workers: 2, rangeSize: 9_000 }, { workers: 5, rangeSize: 300 }]) {
    const options = { databaseUrl: db.url, table: `by_${cut.workers}`, maxRejects: '100%', ...cut }
    const receipt = await ingest(source, options)
    t.match(receipt.rows, {
      read: rows.length + rejects.length,
      rejected: rejects.length,
      inserted: rows.length,
    })
    t.same(await db.rows(`SELECT * FROM by_${cut.workers} ORDER BY sku::integer`), rows)
    t.same(await newestRejects(db), rejects)
  }
})

t.test('the last of a repeated key wins, though bad records stand between', async (t) => {
  const db = await testDatabase(t)
  const records = Array.from({ length: 400 }, (_, i) =>
    i % 5 === 1 ? `x,5" ${i},` : `${i % 10},round ${i},`,
  )
  const source = file(t, `${HEADER}${records.join('\n')}\n`)
  for (const cut of [{ workers: 1 }, { workers: 5, rangeSize: 10 }]) {
    await ingest(source, { databaseUrl: db.url, table: `by_${cut.workers}`, maxRejects: '100%', ...cut })
    t.same(
      await db.rows(`SELECT sku, name FROM by_${cut.workers} ORDER BY sku`),
      [0, 2, 3, 4, 5, 7, 8, 9].map((digit) => ({ sku: `${digit}`, name: `round ${390 + digit}` })),
    )
  }
})

t.test('more rejects than are held at a time', async (t) => {
  const db = await testDatabase(t)
  const records = Array.from({ length: 25_000 }, (_, i) => (i % 10 === 0 ? `${i},good,` : `${i}`))
  const source = file(t, `${HEADER}${records.join('\n')}\n`)
  const receipt = await ingest(source, { databaseUrl: db.url, maxRejects: '100%', workers: 1 })
  t.match(receipt.rows, { read: 25_000, rejected: 22_500, inserted: 2_500 })
  const rejects = await newestRejects(db)
  t.equal(rejects.length, 22_500)
  t.equal(rejects.at(-1)?.record.toString(), '24999')
  t.equal(
    await db.value(`SELECT count(*) FROM products WHERE sku::integer % 10 = 0 AND name = 'good'`),
    2_500,
  )
})
