import t from 'tap'
import { ingest } from '../support/compiled.js'
import { CUTS } from '../support/cuts.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'

const HEADER = 'sku,name,description\n'

/** A record, and the rest of its fields or why it is rejected all the same. */
const CASES: [record: string, outcome: [string | null, string | null] | string][] = [
  ['a1,5" pipe,', ['5" pipe', null]],
  ['a2,5" pipe,6" pipe', ['5" pipe', '6" pipe']],
  ['b1,"abc"def,x', ['"abc"def', 'x']],
  ['b2,"abc"def",""', ['abc"def', '']],
  ['b3,"say "hi" now",x', ['say "hi" now', 'x']],
  ['b4,"on\ntwo "quoted" lines",NULL', ['on\ntwo "quoted" lines', 'NULL']],
  ['b5,"abc"def,"x"', ['"abc"def', 'x']],
  ['c1,5" pipe', 'too few fields: 2 of 3'],
  ['c2,5" pipe,x,y', 'too many fields: 4 for 3 columns'],
  ['d1,5" \0,', 'NUL byte'],
  ['d2,5" pipe,"open', 'quote never closed'],
  ['d3,"open,', 'quote never closed'],
]

t.test('records with misplaced quotes load, their quotes as text', async (t) => {
  const db = await testDatabase(t)
  const good = (index: number) => `g${index},"good\n${index}",\n`
  let content = HEADER
  const rejects: object[] = []
  const loaded: object[] = []
  for (const [index, [record, outcome]] of CASES.entries()) {
    if (typeof outcome === 'string') {
      const place = { line: content.split('\n').length, byte: Buffer.byteLength(content) }
      rejects.push({ ...place, reason: outcome, record: Buffer.from(record), staged: false, complete: true })
    } else {
      const [sku, [name, description]] = [record.slice(0, 2), outcome]
      loaded.push({ sku, name, description })
    }
    content += `${record}\n${good(index)}`
  }
  const source = file(t, content)
  for (const [index, cut] of CUTS.entries()) {
    const table = `load_${index}`
    const options = { databaseUrl: db.url, table, lenientQuotes: true, maxRejects: rejects.length, ...cut }
    const { rows } = await ingest(source, options)
    t.match(rows, {
      read: 2 * CASES.length,
      rejected: rejects.length,
      inserted: loaded.length + CASES.length,
    })
    t.same(await db.rows(`SELECT * FROM ${table} WHERE sku !~ '^g' ORDER BY sku`), loaded)
    t.same(await newestRejects(db), rejects)
  }
})
