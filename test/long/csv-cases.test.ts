/**
 * The table of cases in docs/csv.md, row by row. The ranges and the way the text comes make no difference: each case
 * takes one of the ways, and with ALL_WAYS=1 all of them.
 */
import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { pipeOf } from '../support/pipe.js'

type Options = NonNullable<Parameters<typeof ingest>[1]>
type Reject = [line: number, byte: number, reason: string, record: string]

interface Case {
  readonly name: string
  readonly source: string
  /** In the order of the first column. */
  readonly rows: (string | null)[][]
  readonly rejects: Reject[]
  readonly options: Options
}

function c(name: string, source: string, rows: Case['rows'], rejects: Reject[] = [], options = {}): Case {
  return { name, source, rows, rejects, options }
}

const HEAD = 'sku,name\n'
const [STRAY, UNESCAPED, OPEN] = ['stray quote', 'unescaped quote', 'quote never closed']
const lenient = { lenientQuotes: true }
const backslash = { quote: '"', escape: '\\' }
const noHeader = { header: false, columns: 'sku,name' }
const one = { table: 'one' }
const ab = [
  ['1', 'a'],
  ['2', 'b'],
]

// biome-ignore format: a table
const CASES: Case[] = [
  c('a byte order mark', '\uFEFFsku,name\n1,a\n2,b\n', ab),
  c('LF', 'sku,name\n1,a\n2,b\n', ab),
  c('CRLF', 'sku,name\r\n1,a\r\n2,b\r\n', ab),
  c('CR only', 'sku,name\r1,a\r2,b\r', ab),
  c('mixed record ends', 'sku,name\r\n1,a\r2,b\n3,c\r\n', [...ab, ['3', 'c']]),
  c('line breaks in quoted fields', 'sku,name\r1,"a\nb\rc\r\nd"\r2,b\r', [['1', 'a\nb\rc\r\nd'], ['2', 'b']]),
  c('no line end at the end', 'sku,name\r\n1,a\r\n2,b', ab),

  c('stray quotes glue nothing together', `${HEAD}1,5" a\n2,b\n3,6" c\n4,d\n`, [['2', 'b'], ['4', 'd']],
    [[2, 9, STRAY, '1,5" a'], [4, 20, STRAY, '3,6" c']]),
  c('text behind a quote that should close', `${HEAD}1,"abc"def\n2,b\n`, [['2', 'b']], [[2, 9, UNESCAPED, '1,"abc"def']]),
  c('quotes around words', `${HEAD}1,"say "hi" now"\n2,b\n`, [['2', 'b']], [[2, 9, UNESCAPED, '1,"say "hi" now"']]),
  c('a quote never closed, at the end', `${HEAD}1,a\n2,"b\n3,c\n`, [['1', 'a'], ['3', 'c']], [[3, 13, OPEN, '2,"b']]),
  c('… before one that opens', `${HEAD}1,"a\n2,b\n3,"c"\n`, [['2', 'b'], ['3', 'c']], [[2, 9, OPEN, '1,"a']]),
  c('… before one in a field', `${HEAD}1,"Giant\n2,plain\n3,5" pipe 6"\n4,ok\n`, [['2', 'plain'], ['4', 'ok']],
    [[2, 9, OPEN, '1,"Giant'], [4, 26, STRAY, '3,5" pipe 6"']]),
  c('… the same, lenient', `${HEAD}1,"Giant\n2,plain\n3,5" pipe 6"\n4,ok\n`, [['2', 'plain'], ['3', '5" pipe 6"'], ['4', 'ok']],
    [[2, 9, OPEN, '1,"Giant']], lenient),
  c('… on the next line', `${HEAD}1,"Giant\r\n3,5" pipe"\r\n4,ok\r\n`, [['3', '5" pipe"'], ['4', 'ok']], [[2, 9, OPEN, '1,"Giant']], lenient),
  c('… where the fields that follow are not a record', `${HEAD}1,"Giant\nmouse 5" high"\n4,ok\n`, [['1', 'Giant\nmouse 5" high'], ['4', 'ok']],
    [], { ...lenient, maxRejects: 0 }),
  c('… without a header', '1,"Giant\n2,plain\n3,5" pipe 6"\n4,ok\n', [['2', 'plain'], ['4', 'ok']],
    [[1, 0, OPEN, '1,"Giant'], [3, 17, STRAY, '3,5" pipe 6"']], noHeader),

  c('too few fields, and too many', `${HEAD}1,a\n2\n2,b\n3,c,x\n`, ab,
    [[3, 13, 'too few fields: 1 of 2', '2'], [5, 19, 'too many fields: 3 for 2 columns', '3,c,x']]),
  c('NUL, and what is no UTF-8', `${HEAD}1,a\n3,\0\n2,b\n4,\xff\n`, ab,
    [[3, 13, 'NUL byte', '3,\0'], [5, 21, 'invalid UTF-8', '4,\xff']]),
  c('blank lines', '\n\r\nsku,name\n\n1,a\n\n\n2,b\n\n', ab),
  c('records of empty fields only', ',\n,,,\nsku,name\n,,,,\n1,a\n,\n\n3\n2,b\n,,', ab, [[8, 27, 'too few fields: 1 of 2', '3']]),
  c('… CRLF, without a header', ',,\r\n1,a\r\n,\r\n2,b\r\n3\r\n,', ab, [[5, 17, 'too few fields: 1 of 2', '3']], noHeader),
  c('… by another delimiter', 'sku\tname\n\t\n1\ta\n\t\t\t\n2\tb\n\t', ab),
  c('… an empty text is something', `${HEAD}1,a\n,""\n2,b\n`, ab, [[3, 13, 'missing key', ',""']]),
  c('… the whole record is the key', 'name,size\n,\n1,a\n,,\n2,b\n', ab, [], { key: ':row' }),
  c('… blanks, trimmed', `${HEAD} , \n1,a\n , , \n 2 , b , \n`, ab, [], { trim: true }),
  c('… of one column', 'sku\na\n,\n\nb\n,,\n', [['a'], ['b']], [], one),
  c('surplus fields that are empty', `${HEAD}1,a,,\n2,b\n3,c,,x\n4,d,""\n`, ab,
    [[4, 19, 'too many fields: 4 for 2 columns', '3,c,,x'], [5, 26, 'too many fields: 3 for 2 columns', '4,d,""']]),
  c('… in every record, and the header', 'sku|name|\n1|a|\n2|b|\n', ab),
  c('… in every record, not the header', 'sku|name\n1|a|\n2|b|\n', ab),
  c('… in the header only', 'sku,name,,\n1,a\n2,b\n', ab),
  c('… in most, and something in one', 'sku|name|\r\n1|a|\r\n3|c|x\r\n2|b\r\n4|d|""\r\n5\r\n', ab,
    [[3, 17, 'too many fields: 3 for 2 columns', '3|c|x'], [5, 29, 'too many fields: 3 for 2 columns', '4|d|""'],
     [6, 37, 'too few fields: 1 of 2', '5']]),
  c('… without a header', '1|a||\n2|b||\n', ab, [], { ...noHeader, delimiter: '|' }),
  c('… behind a misplaced quote', 'sku,name,\n1,5" a,\n2,"b"c,\n3,6" d,x\n', [['1', '5" a'], ['2', '"b"c']],
    [[4, 26, 'too many fields: 3 for 2 columns', '3,6" d,x']], lenient),
  c('… with a NULL word', 'sku,name,\n1,NULL,\n2,b,\n3,c,NULL\n', [['1', null], ['2', 'b']],
    [[4, 23, 'too many fields: 3 for 2 columns', '3,c,NULL']], { null: 'NULL' }),
  c('… of one column', 'sku,\na,\nb\n\\.\n,\n', [['\\.'], ['a'], ['b']], [], one),

  c('\\. alone on a line', `${HEAD}1,a\n\\.\n2,b\n`, ab, [[3, 13, 'too few fields: 1 of 2', '\\.']]),
  c('… in one column', 'sku\r\na\r\n\\.\r\nb\r\n', [['\\.'], ['a'], ['b']], [], one),
  c('… in quotes, over several lines', `${HEAD}1,a\n2,"\n\\.\n"\n`, [['1', 'a'], ['2', '\n\\.\n']]),
  c('… ended by CR', 'sku,name\r1,a\r\\.\r2,b\r', ab, [[3, 13, 'too few fields: 1 of 2', '\\.']]),
  c('… without quotes', 'sku\tname\n1\ta\n\\.\n2\tb\n', ab, [[3, 13, 'too few fields: 1 of 2', '\\.']], { quote: 'none', delimiter: '\t' }),
  c('header only', 'sku,name', []),
  c('empty, and empty text', `${HEAD}1,\n2,""\n`, [['1', null], ['2', '']]),
  c('no key', `${HEAD}1,a\n,x\n"",y\n2,b\n`, ab, [[3, 13, 'missing key', ',x'], [4, 16, 'missing key', '"",y']]),
  c('a key that is too long', `${HEAD}1,a\n${'k'.repeat(2601)},x\n2,b\n`, ab, [[3, 13, 'key too long', `${'k'.repeat(2601)},x`]]),

  c('an escape of its own', `${HEAD}1,"a\\"\\\\"\n2,"b\n3,5" c"\n4,d""\n`, [['1', 'a"\\']],
    [[3, 19, OPEN, '2,"b'], [4, 24, STRAY, '3,5" c"'], [5, 32, STRAY, '4,d""']], backslash),
  c('quotes are text', 'sku\tname\n1\t5" pipe\n2\t"open\n', [['1', '5" pipe'], ['2', '"open']], [], { quote: 'none', delimiter: '\t' }),
]

const WAYS: [name: string, pipe: boolean, cut: Options][] = [
  ['in one piece', false, { workers: 1 }],
  ['cut everywhere', false, { workers: 2, rangeSize: 1 }],
  ['through a pipe', true, { workers: 2, rangeSize: 8 }],
]

for (const [turn, [way, pipe, cut]] of WAYS.entries()) {
  t.test(way, async (t) => {
    const db = await testDatabase(t)
    for (const [index, { name, source, rows, rejects, options }] of CASES.entries()) {
      if (!process.env.ALL_WAYS && index % WAYS.length !== turn) continue
      // What is no UTF-8 stands for its byte.
      const bytes = Buffer.from(source, source.startsWith('\uFEFF') ? 'utf8' : 'latin1')
      const table = `t${index}`
      const from = pipe ? pipeOf(t, bytes) : file(t, bytes)
      const all = { databaseUrl: db.url, maxRejects: rejects.length, ...cut, ...options, table }
      const receipt = await ingest(from, all).catch((error) => error)
      t.match(
        receipt.rows,
        { read: rows.length + rejects.length, rejected: rejects.length, inserted: rows.length },
        `${name}: ${receipt.message ?? 'the receipt'}`,
      )
      if (receipt instanceof Error) continue
      const [columns, first] = options.key === ':row' ? ['name, size', 'name'] : ['*', 'sku']
      const loaded = await db.rows(`SELECT ${columns} FROM ${table} ORDER BY ${first} COLLATE "C"`)
      t.same(loaded.map(Object.values), rows, name)
      const found = await newestRejects(db)
      t.same(
        found.map(({ line, byte, reason, record }) => [line, byte, reason, record.toString('latin1')]),
        rejects.map(([line, byte, reason, record]) => [line, byte, reason, anew(record, reason, pipe)]),
        `${name}: the rejects`,
      )
    }
  })
}

/** What is found in SQL of a text that nobody can read again is written anew. */
function anew(record: string, reason: string, pipe: boolean): string {
  if (!pipe || !reason.includes('key')) return record
  const quoted = (field: string) => (field === '""' || field === '' ? field : `"${field}"`)
  return record.split(',').map(quoted).join(',')
}

t.test('a file without records', async (t) => {
  const db = await testDatabase(t)
  for (const content of ['', '\n\n', ',,,\n,,\n', ';;\n', '\t\t\n', '\uFEFF']) {
    const { code } = await failure(t, ingest(file(t, content), { databaseUrl: db.url }))
    t.equal(code, 'EMPTY_FILE', JSON.stringify(content))
  }
})

t.test('a column without a name before others', async (t) => {
  const db = await testDatabase(t)
  for (const header of ['sku,,name', ',sku,name', 'sku,name,""', 'sku, ,name,']) {
    const { code } = await failure(t, ingest(file(t, `${header}\n1,2,3\n`), { databaseUrl: db.url }))
    t.equal(code, 'BAD_HEADER', header)
  }
})
