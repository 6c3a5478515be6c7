import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import yazl from 'yazl'
import { dasy } from '../support/cli.js'
import { ingest, showRuns, writeRejects } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { hearing } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, folder } from '../support/files.js'
import { serve } from '../support/http-server.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { pipeOf } from '../support/pipe.js'

/** The same content from anywhere: what lands in the table, and what is rejected, is that of the plain file. */

/** Repeated keys, line breaks in quotes, and one of each fault, those found in SQL among them. */
function hardContent(records: number): string {
  const lines = ['sku,name,description']
  for (let n = 0; n < records; n += 1) {
    if (n === 700) lines.push(',no key,"x\ny"')
    if (n === 701) lines.push('', '', `${'k'.repeat(3000)},key too long,`)
    if (n === 1500) lines.push('stray,5" pipe,')
    if (n === 1501) lines.push('short')
    if (n === 2000) lines.push('open,"never closed,')
    if (n === 2001) lines.push(`long,${'z'.repeat(90_000)},`)
    lines.push(`sku-${n % (records - 100)},name ${n % 37},"line ${n}\r\nwith ""quotes"" and ü"`)
  }
  return `${lines.join('\n')}\n,last without a key,`
}

const CONTENT = hardContent(3000)
const OPTIONS = { maxRejects: 100, rangeSize: 20_000, workers: 2, maxRecord: '80kB' }

interface Outcome {
  readonly rows: unknown
  readonly table: unknown[]
  readonly aggregate: unknown[]
  readonly rejects: string
}

async function outcomeOf(db: TestDatabase, rows: unknown, run: number): Promise<Outcome> {
  const parts: Uint8Array[] = []
  await writeRejects(run, { databaseUrl: db.url }, async (bytes) => void parts.push(Buffer.from(bytes)))
  return {
    rows,
    table: await db.rows('SELECT * FROM products ORDER BY sku'),
    aggregate: await db.rows('SELECT * FROM products_agg ORDER BY name'),
    rejects: Buffer.concat(parts).toString(),
  }
}

/** What the plain file gives. */
async function plain(t: Test): Promise<Outcome> {
  const db = await testDatabase(t)
  const receipt = await ingest(file(t, CONTENT), { databaseUrl: db.url, ...OPTIONS })
  return await outcomeOf(db, receipt.rows, receipt.run)
}

let expected: Promise<Outcome> | undefined

function expectedOf(t: Test): Promise<Outcome> {
  expected ??= plain(t)
  return expected
}

async function assertSame(t: Test, source: string, options: Record<string, unknown> = {}): Promise<void> {
  const db = await testDatabase(t)
  const receipt = await ingest(source, { databaseUrl: db.url, ...OPTIONS, ...options })
  t.same(await outcomeOf(db, receipt.rows, receipt.run), await expectedOf(t))
  await assertNothingLeft(t, db)
}

function zipOf(t: Test, entries: Record<string, string>): Promise<string> {
  const path = join(folder(t), 'archive.zip')
  const zip = new yazl.ZipFile()
  for (const [name, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), name)
  zip.end()
  return pipeline(zip.outputStream, createWriteStream(path)).then(() => path)
}

t.test('compressed by gzip, in one member or several', async (t) => {
  await assertSame(t, file(t, gzipSync(CONTENT), 'products.csv'))
  const half = Buffer.from(CONTENT).subarray(0, 100_000)
  const rest = Buffer.from(CONTENT).subarray(100_000)
  await assertSame(t, file(t, Buffer.concat([gzipSync(half), gzipSync(rest)]), 'products.csv.gz'))
})

t.test('in a ZIP archive, as its only entry or as one of several', async (t) => {
  await assertSame(t, await zipOf(t, { 'in/products.csv': CONTENT }))
  const several = await zipOf(t, { 'readme.txt': 'hello', 'in/products.csv': CONTENT })
  await assertSame(t, `${several}#in/products.csv`)
  const odd = await zipOf(t, { 'part #1.csv': CONTENT, 'readme.txt': 'hello' })
  await assertSame(t, `${odd}#part #1.csv`)
  const db = await testDatabase(t)
  t.match(await failure(t, ingest(several, { databaseUrl: db.url })), { code: 'ZIP_SEVERAL_ENTRIES' })
  const missing = failure(t, ingest(`${several}#product.csv`, { databaseUrl: db.url }))
  t.match(await missing, { code: 'ZIP_NO_ENTRY' })
})

t.test('through a pipe, compressed or not', async (t) => {
  const path = pipeOf(t, CONTENT)
  const db = await testDatabase(t)
  const { rows, run, bytes } = await ingest(path, { databaseUrl: db.url, ...OPTIONS })
  const found = await outcomeOf(db, rows, run)
  const { rejects, ...others } = await expectedOf(t)
  // Records without a key got into staging: they are written anew, with their place in the stream.
  const rewritten = rejects
    .replace('",no key,""x\ny"""', '",""no key"",""x\ny"""')
    .replace(/missing key,",last without a key,"/, 'missing key,",""last without a key"","')
    .replace(/"k{3000},key too long,"/, `"""${'k'.repeat(3000)}"",""key too long"","`)
  t.not(rewritten, rejects)
  t.same(found, { ...others, rejects: rewritten })
  t.equal(bytes, Buffer.byteLength(CONTENT))
  await assertNothingLeft(t, db)

  const compressed = await ingest(pipeOf(t, gzipSync(CONTENT)), { databaseUrl: db.url, ...OPTIONS })
  t.match(compressed.rows, { read: rows.read, rejected: rows.rejected, inserted: 0, updated: 0 })
})

t.test('from standard input', async (t) => {
  const db = await testDatabase(t)
  const flags = ['--database-url', db.url, '--json', '--max-rejects', '100', '--max-record', '80kB']
  const { stdout, stderr } = (await dasy(['ingest', '-', ...flags], { input: CONTENT })).expectStatus(0)
  const receipt = JSON.parse(stdout)
  const { rows, table, aggregate } = await expectedOf(t)
  t.match(receipt, { source: '-', rows })
  t.same(await db.rows('SELECT * FROM products ORDER BY sku'), table)
  t.same(await db.rows('SELECT * FROM products_agg ORDER BY name'), aggregate)
  t.match(stderr, 'cannot be read a second time')
})

t.test('from a web server, in ranges or as one stream, compressed or not', async (t) => {
  for (const behaviour of [{}, { ranges: false }, { ranges: false, length: false }]) {
    const server = await serve(t, Buffer.from(CONTENT), behaviour)
    await assertSame(t, server.url)
  }
  const compressed = await serve(t, gzipSync(CONTENT))
  await assertSame(t, compressed.url)
  const archive = await serve(t, readFileSync(await zipOf(t, { 'products.csv': CONTENT })))
  await assertSame(t, archive.url)
})

t.test('the receipt counts the bytes of a stream once, also where a reject was read again', async (t) => {
  const content = `sku,name\n,no key\n${Array.from({ length: 200_000 }, (_, n) => `sku-${n},name ${n}\n`).join('')}`
  const server = await serve(t, Buffer.from(content), { ranges: false, length: false })
  const db = await testDatabase(t)
  const receipt = await ingest(server.url, { databaseUrl: db.url, maxRejects: 1 })
  t.match(receipt, { bytes: content.length, rows: { read: 200_001, rejected: 1 } })
  const [shown] = await showRuns({ databaseUrl: db.url }, receipt.run, 1)
  t.equal(shown?.bytes, content.length)
})

t.test('nothing is fetched twice unless a reject has to be read again', async (t) => {
  const content = `sku,name\n${Array.from({ length: 200_000 }, (_, n) => `sku-${n},name ${n}`).join('\n')}\n`
  const server = await serve(t, Buffer.from(content))
  const db = await testDatabase(t)
  const receipt = await ingest(server.url, { databaseUrl: db.url })
  t.match(receipt, { rows: { read: 200_000, inserted: 200_000 }, bytes: Buffer.byteLength(content) })
  t.equal(server.bytesRepeated, 0)
  t.equal(server.bytesSent, Buffer.byteLength(content))
})

t.test('a web server that breaks off is asked for the rest', async (t) => {
  const server = await serve(t, Buffer.from(CONTENT), { cut: ({ nth }) => (nth < 4 ? 50_000 : undefined) })
  await assertSame(t, server.url)
})

t.test('what changes on a web server half way is not loaded', async (t) => {
  const content = 'sku,name\n'.padEnd(20_000_000, 'a,b\n')
  const server = await serve(t, Buffer.from(content), { etag: '"one"' })
  const db = await testDatabase(t)
  let changed = false
  const advanced = (): void => {
    if (!changed) server.change(Buffer.from(`${content}x,y\n`), { etag: '"two"' })
    changed = true
  }
  const options = { databaseUrl: db.url, onEvent: hearing({ advanced }), retryFor: 1 }
  t.match(await failure(t, ingest(server.url, options)), { code: 'SOURCE_CHANGED' })
  await assertNothingLeft(t, db, { tables: [] })
})

t.test('in UTF-16 and UTF-32, which are decoded on the way', async (t) => {
  for (const [encoding, mark] of [
    ['utf16le', '\ufeff'],
    ['utf16be', '\ufeff'],
  ] as const) {
    const bytes = Buffer.from(`${mark}${CONTENT}`, 'utf16le')
    await assertSame(t, file(t, encoding === 'utf16be' ? bytes.swap16() : bytes))
  }
  const unmarked = Buffer.from(CONTENT, 'utf16le')
  await assertSame(t, file(t, unmarked), { encoding: 'UTF-16LE' })
  await assertSame(t, file(t, gzipSync(unmarked)), { encoding: 'UTF-16LE' })
})

t.test('several files are one run, in which a later one wins', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'a.csv'), 'sku,name\n1,one\n2,two\n,x\n')
  writeFileSync(join(dir, 'b.csv.gz'), gzipSync('Name;SKU\nzwei;2\ndrei;3\nfour;4;5\n'))
  const db = await testDatabase(t)
  const receipt = await ingest(join(dir, '*.csv*'), { databaseUrl: db.url, maxRejects: 2 })
  t.match(receipt, { run: 1, rows: { read: 6, rejected: 2, duplicates: 1, inserted: 3 } })
  t.same(receipt.source, [join(dir, 'a.csv'), join(dir, 'b.csv.gz')])
  t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku'), [
    { sku: '1', name: 'one' },
    { sku: '2', name: 'zwei' },
    { sku: '3', name: 'drei' },
  ])
  const { rejects } = await outcomeOf(db, receipt.rows, 1)
  t.same(rejects.split('\n'), [
    'source,line,byte,reason,record',
    `${join(dir, 'a.csv')},4,21,missing key,",x"`,
    `${join(dir, 'b.csv.gz')},4,23,too many fields: 3 for 2 columns,four;4;5`,
    '',
  ])
  const raw = (source?: string) =>
    writeRejects(1, { databaseUrl: db.url, form: 'raw', source }, async () => {})
  t.match(await failure(t, raw()), { code: 'SOURCES_DIFFER' })
  t.match(await failure(t, raw('c.csv')), { code: 'SOURCE_NOT_FOUND' })
  t.match(await raw(join(dir, 'b.csv.gz')), { rejects: 1 })
  await assertNothingLeft(t, db)
})

t.test(
  'sources that cannot be loaded together, or at all, are refused before anything is read',
  async (t) => {
    const db = await testDatabase(t)
    const dir = folder(t)
    const one = join(dir, 'one.csv')
    const two = join(dir, 'two.csv')
    writeFileSync(one, 'sku,name\n1,a\n')
    writeFileSync(two, 'sku,price\n1,2\n')
    const refused = async (sources: string | string[], code: string): Promise<void> => {
      t.match(await failure(t, ingest(sources, { databaseUrl: db.url })), { code }, `${sources}`)
    }
    await refused([one, two], 'COLUMNS_DIFFER')
    await refused([one, one], 'SOURCE_TWICE')
    const secret = 'http://user:word@127.0.0.1:1/a.csv?signature=secret'
    const twice = await failure(t, ingest([secret, secret], { databaseUrl: db.url }))
    t.match(twice, { code: 'SOURCE_TWICE', details: { file: 'http://127.0.0.1:1/a.csv' } })
    t.notMatch(twice.message, /word|secret/)
    await refused(join(dir, '*.tsv'), 'FILE_NOT_FOUND')
    await refused(`${one}#entry.csv`, 'NOT_AN_ARCHIVE')
    await refused('ftp://127.0.0.1/products.csv', 'BAD_URL')
    await refused(dir, 'NOT_A_FILE')
    await refused(file(t, 'BZh91AY&SY......', 'a.csv.bz2'), 'UNSUPPORTED_FORMAT')
    await refused(file(t, gzipSync('BZh91AY&SY......')), 'UNSUPPORTED_FORMAT')
    await refused(file(t, gzipSync(CONTENT).subarray(0, 2000)), 'CORRUPT_SOURCE')
    await assertNothingLeft(t, db, { tables: [] })
  },
)
