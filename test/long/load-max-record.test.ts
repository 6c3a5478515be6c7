import t from 'tap'
import { ingest } from '../support/compiled.js'
import { CUTS } from '../support/cuts.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'

const HEADER = 'sku,name\n'

t.test('a record over the limit is rejected, and as much of it kept as is promised', async (t) => {
  const db = await testDatabase(t)
  const fits = `1,${'x'.repeat(1022)}`
  const over = `2,${'x'.repeat(1023)}`
  const farOver = `4,${'yz'.repeat(200_000)}`
  const keptWhole = `5,${'x'.repeat(65_534)}`
  const oneMore = `6,"${'\r\n'.repeat(500)}${'x'.repeat(64_532)}",`
  const records = [fits, over, '3,three', farOver, keptWhole, '7,seven', oneMore, '8,eight']
  const content = `${HEADER}${records.join('\r\n')}\r\n`
  const source = file(t, content)
  const at = (record: string) => content.indexOf(record)
  const lines = (record: string) => content.slice(0, at(record)).split('\n').length
  const reject = (record: string, reason: string, kept = record.length) => ({
    line: lines(record),
    byte: at(record),
    reason: `record too long: over 1024 bytes${reason}`,
    record: Buffer.from(record.slice(0, kept)),
    staged: false,
    complete: kept === record.length,
  })
  for (const [index, cut] of [...CUTS, { workers: 2, rangeSize: 70_000 }].entries()) {
    const table = `load_${index}`
    const options = { databaseUrl: db.url, table, maxRecord: '1KiB', maxRejects: 100, ...cut }
    await ingest(source, options)
    t.same(await db.rows(`SELECT sku, length(name) AS length FROM ${table} WHERE sku < '6' ORDER BY sku`), [
      { sku: '1', length: 1022 },
      { sku: '3', length: 5 },
    ])
    t.same((await newestRejects(db)).slice(0, 3), [
      reject(over, ''),
      reject(farOver, '; its first 65536 bytes are kept', 65_536),
      reject(keptWhole, ''),
    ])
  }
})

t.test('any other reject keeps all of its bytes', async (t) => {
  const db = await testDatabase(t)
  const few = 'x'.repeat(900_000)
  const noKey = `,"${'long '.repeat(20_000)}"`
  const source = file(t, `${HEADER}1,one\n${few}\n2,two\n${noKey}\n${few}\n3,three\n`)
  for (const cut of CUTS) {
    const { rows } = await ingest(source, { databaseUrl: db.url, maxRecord: '1m', maxRejects: 3, ...cut })
    t.match(rows, { read: 6, rejected: 3 })
    const whole = {
      staged: false,
      complete: true,
      reason: 'too few fields: 1 of 2',
      record: Buffer.from(few),
    }
    t.same(await newestRejects(db), [
      { ...whole, line: 3, byte: 15 },
      {
        line: 5,
        byte: 900_022,
        reason: 'missing key',
        record: Buffer.from(noKey),
        staged: true,
        complete: true,
      },
      { ...whole, line: 6, byte: 900_023 + noKey.length },
    ])
  }
})

t.test('a record may be as long as is asked for', async (t) => {
  const db = await testDatabase(t)
  const length = 3 * 1024 * 1024
  const source = file(t, `${HEADER}1,one\n2,"${'a\n'.repeat(length / 2)}"\n3,5" pipe\n`)
  for (const [maxRecord, rejected] of [
    [undefined, 1],
    ['4mib', 1],
    [3_500_000, 1],
    ['5MB', 1],
  ] as const) {
    const { rows } = await ingest(source, { databaseUrl: db.url, maxRecord, maxRejects: 1 })
    t.match(rows, { read: 3, rejected })
  }
  t.equal(await db.value(`SELECT length(name) FROM products WHERE sku = '2'`), length)
})
