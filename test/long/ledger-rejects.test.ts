import t, { type Test } from 'tap'
import { ingest, writeRejects } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { noise } from '../support/noise.js'
import { compareTables, Oracle } from '../support/oracle.js'
import { rowVersions } from '../support/rows.js'

/** Too random to be compressed, so that the length alone counts. */
const LONG_KEY = noise(1951).toString('base64').slice(0, 2601)

const HEADER = 'sku,name,description\n'
const GOOD = ['1,one,first\n', '2,"two\nlines","a ""quote"""\n', '3,"three",\n', '4,four,"the last\r\none"\n']

interface Bad {
  readonly record: string | Buffer
  readonly reason: string | RegExp
}

/** Each of these is one bad record, which must not take its neighbours along. */
const BAD: Record<string, Bad> = {
  'a stray quote': { record: 'b1,5" pipe,', reason: 'stray quote' },
  'two stray quotes': { record: 'b2,5" pipe,6" pipe', reason: 'stray quote' },
  'text between a quote and the closing one': { record: 'b3,"abc"def",', reason: 'unescaped quote' },
  'text after a closing quote': { record: 'b3,"abc"def,', reason: 'unescaped quote' },
  'unescaped quotes': { record: 'b4,"say "hi" now",', reason: 'unescaped quote' },
  'an unescaped quote on the second line of a record': {
    record: 'b5,"on\ntwo "quoted" lines",',
    reason: 'unescaped quote',
  },
  'a quote that is never closed': { record: 'b6,"open,', reason: 'quote never closed' },
  'too few fields': { record: 'b7,few', reason: /^too few fields.*2.*3/ },
  'too many fields': { record: 'b8,too,many,fields', reason: /^too many fields.*4.*3/ },
  'too few fields on several lines': { record: 'b9,"few\nbut\nlong"', reason: /^too few fields/ },
  'a NUL byte': { record: 'b10,\0,', reason: 'NUL byte' },
  'invalid UTF-8': { record: Buffer.from('b11,caf\xe9,', 'latin1'), reason: 'invalid UTF-8' },
  'a surrogate in UTF-8': { record: Buffer.from('b12,\xed\xa0\x80,', 'latin1'), reason: 'invalid UTF-8' },
  'no key': { record: ',key is NULL,', reason: 'missing key' },
  'an empty key': { record: '"",key is empty,', reason: 'missing key' },
  'a key too long': { record: `${LONG_KEY},long,`, reason: 'key too long' },
  'a line that is just \\.': { record: '\\.', reason: /^too few fields.*1.*3/ },
}

/** That these and no others are rejected. */
function assertRejects(t: Test, actual: unknown, expected: readonly object[], message: string): void {
  t.match(actual, expected, message)
  t.equal((actual as unknown[]).length, expected.length, `${message}, and no more`)
}

interface Place {
  readonly line: number
  readonly byte: number
}

/** Puts records together, and says where each begins. */
function assemble(...parts: (string | Buffer)[]): { content: Buffer; places: Place[] } {
  const places: Place[] = []
  let content = Buffer.alloc(0)
  for (const part of parts) {
    // Every line end here is LF or CRLF.
    places.push({ line: 1 + content.toString('latin1').split('\n').length - 1, byte: content.length })
    content = Buffer.concat([content, Buffer.from(part)])
  }
  return { content, places }
}

function ended(record: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(record), Buffer.from('\n')])
}

/** The rejects of the newest run, as the ledger keeps them. */
function ledger(db: TestDatabase) {
  return db.rows<{ line: number; byte: number; reason: string; record: Buffer }>(
    `SELECT line, byte, reason, record FROM dasy.rejects
      WHERE run = (SELECT max(run) FROM dasy.runs) ORDER BY byte`,
  )
}

/** The default way, and one that cuts the file wherever it can be cut. */
const CUTS = [{ workers: 1 }, { workers: 3, rangeSize: 10 }]

t.test('a single bad record', async (t) => {
  const db = await testDatabase(t)
  const [before, after] = [GOOD.slice(0, 2), GOOD.slice(2)]
  const oracle = await Oracle.load(t, db, Buffer.from(HEADER + GOOD.join('')))
  const options = { databaseUrl: db.url, table: 'public.products' }
  // A table with rows: two that the good records leave alone, and one that they update.
  await ingest(file(t, `${HEADER}1,old,row\n8,eight,\n9,nine,\n`), options)
  const state = () => Promise.all([rowVersions(db, 'products'), rowVersions(db, 'products_agg')])
  const untouched = await state()
  let fresh = 0

  for (const [name, { record, reason }] of Object.entries(BAD)) {
    await t.test(`with ${name} is named by line and byte, and its neighbours are loaded`, async (t) => {
      const { content, places } = assemble(HEADER, ...before, ended(record), ...after)
      const { line, byte } = places[3] as Place
      const source = file(t, content)

      const error = await failure(t, ingest(source, { ...options, ...CUTS[fresh % 2] }))
      t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
      assertRejects(t, error.details.rejects, [{ file: source, line, byte, reason }], 'the error names it')
      t.same(await state(), untouched, 'the table is as it was')
      const expected = [{ line, byte, reason, record: Buffer.from(record) }]
      assertRejects(t, await ledger(db), expected, 'the ledger keeps its bytes')

      const schema = `fresh_${++fresh}`
      await db.run(`CREATE SCHEMA ${schema}`)
      const table = `${schema}.products`
      const receipt = await ingest(source, { databaseUrl: db.url, table, maxRejects: 1, ...CUTS[fresh % 2] })
      t.match(receipt.rows, { read: 5, rejected: 1, inserted: 4 })
      await compareTables(t, db, table, oracle.table({ key: ['sku'] }))
      await compareTables(t, db, `${table}_agg`, oracle.aggregate({ key: ['sku'] }))
      assertRejects(t, await ledger(db), expected, 'the ledger keeps its bytes')
      await db.run(`DROP SCHEMA ${schema} CASCADE`)
    })
  }
  await assertNothingLeft(t, db, { stopped: fresh })
})

t.test('all bad records of a file are reported in one go, the same wherever it is cut', async (t) => {
  const db = await testDatabase(t)
  // Good and bad in turn; the quote that is never closed comes last but one.
  const all = Object.values(BAD)
  const open = all.filter(({ reason }) => reason === 'quote never closed')
  const bad = [...all.filter(({ reason }) => reason !== 'quote never closed'), ...open]
  const good = bad.map((_, index) => `g${index},"good\n${index}",\n`)
  const parts = bad.flatMap(({ record }, index) => [ended(record), good[index] as string])
  const { content, places } = assemble(HEADER, ...parts)
  const expected = bad.map(({ record, reason }, index) => ({
    ...places[1 + 2 * index],
    reason,
    record: Buffer.from(record),
  }))
  const oracle = await Oracle.load(t, db, Buffer.from(HEADER + good.join('')))
  const source = file(t, content)

  for (const [index, cut] of [
    ...CUTS,
    { workers: 2, rangeSize: 1 },
    { workers: 2, rangeSize: 150 },
  ].entries()) {
    const error = await failure(
      t,
      ingest(source, { databaseUrl: db.url, maxRejects: bad.length - 1, ...cut }),
    )
    t.match(error, {
      code: 'TOO_MANY_REJECTS',
      details: { rejected: bad.length, rows: { read: 2 * bad.length, rejected: bad.length } },
    })
    const shown = error.details.rejects as unknown[]
    t.ok(shown.length >= 5, 'an error shows the first few')
    const named = expected.map(({ record: _, ...place }) => ({ file: source, ...place }))
    assertRejects(t, shown, named.slice(0, shown.length), 'the error names them')
    assertRejects(t, await ledger(db), expected, 'the ledger keeps all')
    t.equal(await db.value('SELECT to_regclass($1)', [`load_${index}`]), null, 'no table is made')

    const table = `load_${index}`
    const receipt = await ingest(source, { databaseUrl: db.url, table, maxRejects: bad.length, ...cut })
    t.match(receipt.rows, { read: 2 * bad.length, rejected: bad.length, inserted: bad.length })
    await compareTables(t, db, table, oracle.table({ key: ['sku'] }))
    assertRejects(t, await ledger(db), expected, 'the ledger keeps all of the next run')
  }
  await assertNothingLeft(t, db, { tables: ['load_0', 'load_1', 'load_2', 'load_3'], stopped: 1 })
})

t.test('a bad record at the end of a file', async (t) => {
  const db = await testDatabase(t)
  const oracle = await Oracle.load(t, db, Buffer.from(HEADER + GOOD.join('')))
  let number = 0
  for (const [record, reason] of [
    ['9,"open', 'quote never closed'],
    ['9,"open\n', 'quote never closed'],
    ['9,few', 'too few fields: 2 of 3'],
    ['9,5" pipe,', 'stray quote'],
    ['"', 'quote never closed'],
  ] as const) {
    const { content, places } = assemble(HEADER, ...GOOD, record)
    const table = `load_${++number}`
    const cut = CUTS[number % 2]
    const receipt = await ingest(file(t, content), { databaseUrl: db.url, table, maxRejects: 1, ...cut })
    t.match(receipt.rows, { read: 5, rejected: 1, inserted: 4 }, `${JSON.stringify(record)}`)
    await compareTables(t, db, table, oracle.table({ key: ['sku'] }))
    t.same(await ledger(db), [{ ...places.at(-1), reason, record: Buffer.from(record.trimEnd()) }])
  }
})

t.test('a quote that is never closed costs its line alone, though many records follow', async (t) => {
  const db = await testDatabase(t)
  const many = Array.from({ length: 3000 }, (_, index) => `${index},name ${index % 7},plain text ${index}\n`)
  const { content, places } = assemble(
    HEADER,
    many.slice(0, 10).join(''),
    'x,"open,\n',
    many.slice(10).join(''),
  )
  const oracle = await Oracle.load(t, db, Buffer.from(HEADER + many.join('')))
  const receipt = await ingest(file(t, content), {
    databaseUrl: db.url,
    maxRejects: 1,
    workers: 2,
    rangeSize: 20_000,
  })
  t.match(receipt.rows, { read: 3001, rejected: 1, inserted: 3000 })
  await compareTables(t, db, 'products', oracle.table({ key: ['sku'] }))
  assertRejects(t, await ledger(db), [{ ...places[2], reason: 'quote never closed' }], 'the one line')
})

t.test('a record without one part of a composite key has no key', async (t) => {
  const db = await testDatabase(t)
  const good = '1,one,\n2,two,\n'
  const { content, places } = assemble(
    HEADER,
    good,
    '3,,no name\n',
    '4,"",no name\n',
    ',five,no sku\n',
    ',,neither\n',
  )
  const source = file(t, content)
  for (const cut of CUTS) {
    const options = { databaseUrl: db.url, key: 'sku,name', ...cut }
    const error = await failure(t, ingest(source, options))
    t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
    const missing = places.slice(2).map((place) => ({ ...place, reason: 'missing key' }))
    assertRejects(t, error.details.rejects, missing, 'all are named')
    const receipt = await ingest(source, { ...options, maxRejects: 4, table: `by_${cut.workers}` })
    t.match(receipt.rows, { read: 6, rejected: 4, inserted: 2 })
    t.same(await db.rows(`SELECT sku FROM by_${cut.workers} ORDER BY sku`), [{ sku: '1' }, { sku: '2' }])
  }
})

t.test('a key may have 2,600 bytes', async (t) => {
  const db = await testDatabase(t)
  const key = LONG_KEY.slice(0, 2600)
  const receipt = await ingest(file(t, `${HEADER}${key},long,\n`), { databaseUrl: db.url })
  t.match(receipt.rows, { read: 1, inserted: 1 })
  t.equal(await db.value('SELECT sku FROM products'), key)
  const again = await ingest(file(t, `${HEADER}${key},longer,\n`), { databaseUrl: db.url })
  t.match(again.rows, { read: 1, updated: 1 })

  const [one, other] = [LONG_KEY.slice(0, 1300), LONG_KEY.slice(1300, 2600)]
  const parts = file(t, `${HEADER}${one},${other},\n${one}x,${other},\n`)
  const composite = { databaseUrl: db.url, key: 'sku,name', table: 'composite' }
  t.match((await ingest(parts, { ...composite, maxRejects: 1 })).rows, { read: 2, inserted: 1, rejected: 1 })
  assertRejects(t, await ledger(db), [{ line: 3, reason: 'key too long' }], 'one byte more is too long')
})

t.test('a limit in percent is one of the records read', async (t) => {
  const db = await testDatabase(t)
  const good = Array.from({ length: 18 }, (_, index) => `${index},name,\n`).join('')
  const source = file(t, `${HEADER}x,few\n${good}y,few\n`)
  for (const maxRejects of ['10%', '100%', 2]) {
    const receipt = await ingest(source, { databaseUrl: db.url, maxRejects })
    t.match(receipt.rows, { read: 20, rejected: 2 }, `${maxRejects} are enough`)
  }
  for (const maxRejects of ['9.9%', 1]) {
    const error = await failure(t, ingest(source, { databaseUrl: db.url, maxRejects }))
    t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3 }, `${maxRejects} are too few`)
  }
  t.same(
    await db.rows('SELECT outcome, count(*) FROM dasy.runs GROUP BY 1 ORDER BY 1'),
    [
      { outcome: 'completed', count: 3 },
      { outcome: 'rejected', count: 2 },
    ],
    'the ledger knows which run was over its limit',
  )
  await assertNothingLeft(t, db, { stopped: 2 })
})

t.test('rejected records are written with the bytes they had in the file', async (t) => {
  const db = await testDatabase(t)
  const header = Buffer.from('\u{FEFF}sku,name\r')
  const records = ['1,"a" "b"', '2\x00,c', '3,\xff\xfe', '', '4', '5,fine'].map((text) =>
    Buffer.from(text, 'latin1'),
  )
  const lines = records.map((record) => Buffer.concat([record, Buffer.from('\r')]))
  const long = Buffer.from(`6,${'x'.repeat(100_000)}`)
  const source = file(t, Buffer.concat([header, ...lines, long]))
  const error = await failure(t, ingest(source, { databaseUrl: db.url, maxRecord: 70_000 }))
  const run = error.details.run as number

  const written = async (form: 'csv' | 'raw' | 'json') => {
    const chunks: Uint8Array[] = []
    const result = await writeRejects(
      run,
      { databaseUrl: db.url, form },
      async (bytes) => void chunks.push(bytes),
    )
    return { bytes: Buffer.concat(chunks), ...result }
  }
  const raw = await written('raw')
  t.same([raw.rejects, raw.leftOut], [5, 1])
  const bad = [0, 1, 2, 4].map((index) => lines[index] as Buffer)
  t.same(raw.bytes, Buffer.concat([Buffer.from('sku,name\r'), ...bad]), 'the header and whole records alone')

  const csv = await written('csv')
  t.match(
    csv.bytes.toString('latin1'),
    /^line,byte,reason,record\n2,12,unescaped quote,"1,""a"" ""b"""\n3,22,NUL byte,"2\0,c"\n/,
  )
  t.match(
    csv.bytes.toString('latin1'),
    /\n6,\d+,too few fields: 1 of 2,4\n8,\d+,record too long[^\n]*,"6,x{65534}"\n$/,
  )
  const json = (await written('json')).bytes
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(json[2], {
    record: '3,\ufffd\ufffd',
    base64: Buffer.from('3,\xff\xfe', 'latin1').toString('base64'),
  })
  t.match(json[4], { complete: false })
})
