import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** The same content in every dialect and encoding makes the same table as the plain file. */

/** NULL is null. Nothing that another quote or delimiter would make a difference for is left out. */
const ROWS: readonly (readonly (string | null)[])[] = [
  ['a-1', 'plain', 'text'],
  ['a-2', null, ''],
  ['a-3', 'comma, semicolon; pipe| tab\t', 'line\nbreak'],
  ['a-4', `say "hi"`, `it's 5" wide`],
  ['a-5', 'back\\slash', 'end\\'],
  ['a-6', ' blanks around ', '\r\n'],
  ['a-7', 'x', 'y'],
  ...Array.from({ length: 200 }, (_, n) => [`b-${n}`, `name ${n % 7}`, `text ${n}`]),
]
const HEADER = ['sku', 'name', 'description']

interface Dialect {
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly end?: string
}

function written(rows: readonly (readonly (string | null)[])[], dialect: Dialect = {}): string {
  const { delimiter = ',', quote = '"', escape: mark = quote, end = '\n' } = dialect
  const field = (text: string | null): string => {
    if (text === null) return ''
    if (/^[a-z0-9-]+$/.test(text)) return text
    const escaped = text.replaceAll(mark, mark + mark)
    return `${quote}${mark === quote ? escaped : escaped.replaceAll(quote, mark + quote)}${quote}`
  }
  return rows.map((row) => row.map(field).join(delimiter) + end).join('')
}

const SELECT = 'SELECT sku, name, description FROM products ORDER BY sku COLLATE "C"'
const EXPECTED = [...ROWS]
  .sort(([one], [other]) => ((one as string) < (other as string) ? -1 : 1))
  .map(([sku, name, description]) => ({ sku, name, description }))

async function assertSame(
  t: Test,
  what: string,
  content: string | Uint8Array,
  options: LoadOptions = {},
  said?: RegExp,
): Promise<void> {
  const db = await testDatabase(t)
  const notes: string[] = []
  const path = file(t, content)
  await ingest(path, {
    databaseUrl: db.url,
    workers: 2,
    rangeSize: 2000,
    onEvent: into(notes),
    ...options,
  })
  t.same(await db.rows(SELECT), EXPECTED, what)
  if (said) t.match(notes.join('\n'), said, what)
}

t.test('dialects are found out, or told by flags', async (t) => {
  const all = [HEADER, ...ROWS]
  await assertSame(t, 'plain', written(all), {}, /: comma, UTF-8, LF, header: sku, name, description/)
  const dialects: [Dialect, RegExp][] = [
    [{ delimiter: ';', end: '\r\n' }, /: semicolon, UTF-8, CRLF/],
    [{ delimiter: '\t', end: '\r' }, /: tab, UTF-8, CR/],
    [{ delimiter: '|' }, /: pipe/],
    [{ quote: "'" }, /: comma, quote '/],
    [{ delimiter: ';', escape: '\\' }, /: semicolon, escape \\/],
  ]
  for (const [dialect, said] of dialects) {
    const { end, ...flags } = dialect
    await assertSame(t, `found out: ${JSON.stringify(dialect)}`, written(all, dialect), {}, said)
    await assertSame(t, `told: ${JSON.stringify(dialect)}`, written(all, dialect), flags)
  }
  const odd = { delimiter: '^', quote: '`', escape: '~' }
  await assertSame(t, 'told: odd ones', written(all, odd), odd)
})

t.test('headers may be missing, and lines may stand in front', async (t) => {
  const options = { header: false, columns: 'sku,name,description' }
  await assertSame(t, 'no header', written(ROWS), options, /no header: sku, name, description/)
  const front = 'Exported "today, by someone\r\n\n'
  const content = front + written([HEADER, ...ROWS])
  await assertSame(t, 'lines in front', content, { skipLines: 2 })
  await assertSame(t, 'both', front + written(ROWS), { ...options, skipLines: 2 })
})

t.test('blanks around fields are left out where that is asked for', async (t) => {
  const loose = written([HEADER, ...ROWS], { delimiter: ' \t;  ' })
  await assertSame(t, 'trim', loose, { delimiter: ';', trim: true })
})

t.test('fields need have no quotes', async (t) => {
  const rows = ROWS.filter((row) => row.every((value) => value !== '' && !/[\t\r\n]/.test(value ?? '')))
  const content = [HEADER, ...rows].map((row) => row.map((value) => value ?? '').join('\t')).join('\n')
  const db = await testDatabase(t)
  await ingest(file(t, content), { databaseUrl: db.url, delimiter: 'tab', quote: 'none' })
  const kept = rows.map(([sku]) => sku)
  t.same(
    await db.rows(SELECT),
    EXPECTED.filter(({ sku }) => kept.includes(sku as string)),
  )
})

t.test('encodings make no difference', async (t) => {
  const text = written([HEADER, ...ROWS])
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  await assertSame(t, 'UTF-8 with a mark', `\ufeff${text}`)
  await assertSame(t, 'UTF-16LE', utf16, {}, /UTF-16LE/)
  await assertSame(t, 'UTF-16LE, compressed', gzipSync(utf16), {}, /UTF-16LE/)
  await assertSame(t, 'UTF-16BE', Buffer.from(utf16).swap16(), {}, /UTF-16BE/)
  for (const encoding of ['LATIN1', 'WIN1252', 'SJIS', 'GB18030', 'UTF-32LE', 'CP850', 'macintosh']) {
    await assertSame(t, encoding, iconv.encode(text, encoding === 'SJIS' ? 'shift_jis' : encoding), {
      encoding,
    })
  }
  const db = await testDatabase(t)
  const letters = 'sku,name\né,Straße ö\n'
  for (const encoding of ['LATIN1', 'CP850', 'macintosh']) {
    await ingest(file(t, iconv.encode(letters, encoding)), { databaseUrl: db.url, encoding, table: encoding })
    t.same(await db.rows(`SELECT * FROM "${encoding}"`), [{ sku: 'é', name: 'Straße ö' }], encoding)
  }
})

t.test('what is not in its encoding, or cannot be cut in it, is refused', async (t) => {
  const db = await testDatabase(t)
  const lone = Buffer.concat([
    Buffer.from('\ufeffsku,name\na,b\nc,', 'utf16le'),
    Buffer.from([0x00, 0xd8]),
    Buffer.from('\ne,f\n', 'utf16le'),
  ])
  const receipt = await ingest(file(t, lone), { databaseUrl: db.url, maxRejects: 1 })
  t.match(receipt.rows, { read: 3, rejected: 1, inserted: 2 })
  t.match(await db.rows('SELECT line, reason FROM dasy.rejects'), [{ line: 3, reason: 'invalid UTF-8' }])

  const refused = async (content: string, options: LoadOptions, code: string, says: RegExp) => {
    const error = await failure(t, ingest(file(t, content), { databaseUrl: db.url, ...options }))
    t.match(error, { code })
    t.match(`${error.message} ${error.hint}`, says)
  }
  await refused('sku;name\na;b\n', { encoding: 'SJIS' }, 'BAD_OPTION', /iconv/)
  await refused('sku;name\na;b\n', { null: 'a;b' }, 'BAD_OPTION', /delimiter/)
  await refused('sku,name\n', { encoding: 'klingon' }, 'BAD_OPTION', /klingon/)
  const unmarked = await ingest(file(t, Buffer.from('sku,name\na,b\n', 'utf16le')), { databaseUrl: db.url })
  t.match(unmarked.rows, { read: 1, unchanged: 1 }, 'without a mark it is recognised all the same')
})
