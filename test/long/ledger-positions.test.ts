import t from 'tap'
import { ingest, resume } from '../support/compiled.js'
import { CUTS } from '../support/cuts.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { pipeOf } from '../support/pipe.js'

/** The line and the byte that are told of a record, in whatever way dasy has come to it. */

interface Place {
  readonly line: number
  readonly byte: number
  readonly record: string
}

/** Records of which every fifth is bad and every third has two lines; blank lines, which no COPY takes, later on. */
class Records {
  readonly text: string
  readonly bad: readonly Place[]

  /** @param bad what such a record is, from its number and its line end */
  constructor(lineEnd: string, count: number, bad: (n: number) => string) {
    const places: Place[] = []
    let [text, line] = [`n,note${lineEnd}`, 2]
    for (let n = 1; n <= count; n++) {
      const note = n % 3 === 0 ? `"two${lineEnd}lines, ""${n}"""` : `note ${n}`
      const record = n % 5 === 0 ? bad(n) : `${n},${note}`
      if (n % 5 === 0) places.push({ line, byte: Buffer.byteLength(text), record })
      text += record + lineEnd
      line += record.split(lineEnd).length
      if (n > 30 && n % 7 === 0) {
        text += lineEnd
        line += 1
      }
    }
    this.text = text
    this.bad = places
  }
}

const LINE_ENDS = { LF: '\n', CRLF: '\r\n', CR: '\r' }

async function rejectedPlaces(db: TestDatabase): Promise<Place[]> {
  const rejects = await newestRejects(db)
  return rejects.map(({ line, byte, record }) => ({ line, byte, record: record.toString() }))
}

async function makeNumbers(db: TestDatabase): Promise<void> {
  await db.run('DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (n integer PRIMARY KEY, note text)')
}

for (const [name, lineEnd] of Object.entries(LINE_ENDS)) {
  t.test(`${name}: what does not fit its column is told by line and byte`, async (t) => {
    const { text, bad } = new Records(lineEnd, 60, (n) => `"no. ${n}","a${lineEnd}b"`)
    // From a file the record is read again; of a pipe the worker notes where its records begin.
    const sources = { 'a file': () => file(t, text), 'a pipe': () => pipeOf(t, text) }
    const db = await testDatabase(t)
    for (const [kind, source] of Object.entries(sources)) {
      await makeNumbers(db)
      const options = { databaseUrl: db.url, workers: 2, rangeSize: 500, maxRejects: 12 }
      const { rows } = await ingest(source(), { ...options, table: 'numbers', key: 'n' })
      t.match(rows, { read: 60, rejected: 12, inserted: 48 })
      t.same(await rejectedPlaces(db), bad, kind)
    }
  })
}

t.test('lines are counted on behind every gap of a run that is resumed', async (t) => {
  const { text, bad } = new Records('\r\n', 60, (n) => `${n},"a\r\nb",surplus`)
  const source = file(t, text)
  const db = await testDatabase(t)
  for (const missing of ['start_byte % 2 = 0', 'start_byte > 300', 'start_byte < 300']) {
    await makeNumbers(db)
    const options = { databaseUrl: db.url, workers: 2, rangeSize: 40 }
    const { details } = await failure(t, ingest(source, { ...options, table: 'numbers', key: 'n' }))
    const run = Number(details.run)
    const gone = await loseRanges(db, run, missing)
    t.ok(gone > 1, `${gone} ranges are missing`)
    const receipt = await resume(run, { ...options, rangeSize: 70, maxRejects: 12 })
    t.match(receipt.rows, { read: 60, rejected: 12, inserted: 48 })
    t.same(await rejectedPlaces(db), bad, missing)
  }
})

t.test(
  'which record of a key is the first and which the last does not depend on where they stand',
  async (t) => {
    const padding = Array.from({ length: 20 }, (_, n) => `p${n},padding\n`).join('')
    const cases: Record<string, () => string[]> = {
      'in one file': () => [file(t, `sku,name\nx,first\n${padding}x,last\n`)],
      // The last one stands at a smaller offset than the first.
      'in several files': () => [
        file(t, `sku,name\n${padding}x,first\n`),
        file(t, `sku,name\ny,other\n`),
        file(t, `sku,name\nx,last\n${padding}`),
      ],
      // A character that the database does not have: such a range is halved until it is found.
      'around a record that COPY refuses': () => [file(t, 'sku,name\nx,first\ny,other\nz,漢\nx,last\n')],
    }
    const db = await testDatabase(t, 'LATIN1')
    for (const [where, sources] of Object.entries(cases)) {
      for (const duplicates of ['first', 'last'] as const) {
        for (const cut of CUTS) {
          const options = { databaseUrl: db.url, table: 'goods', duplicates, maxRejects: 1 }
          await ingest(sources(), { ...options, ...cut })
          const name = await db.value(`SELECT name FROM goods WHERE sku = 'x'`)
          await db.run('DROP TABLE goods')
          t.equal(name, duplicates, `${where}, ${cut.workers} workers`)
        }
      }
    }
  },
)

/** The run looks as if it had stopped before these ranges were staged. @returns how many they are */
async function loseRanges(db: TestDatabase, run: number, which: string): Promise<number> {
  await db.run(`
    DELETE FROM dasy.staging_${run}
     WHERE EXISTS (SELECT FROM dasy.ranges WHERE ${which} AND position >= start_byte AND position < end_byte)`)
  return await db.run(`DELETE FROM dasy.ranges WHERE ${which}`)
}
