/** What the command line prints, made of data alone. */
import t from 'tap'
import { ingestLine } from '../../lib/cli/ingest-line.js'
import { toJson } from '../../lib/cli/json.js'
import {
  byteSize,
  duration,
  localTime,
  printable,
  printableLines,
  sourceNames,
} from '../../lib/cli/printable.js'
import { renderReceipt } from '../../lib/cli/receipt.js'
import { renderTable } from '../../lib/cli/table.js'
import { definitions, wrap } from '../../lib/cli/wrap.js'

t.test('numbers for people', async (t) => {
  t.same([0, 999, 1000, 175_000, 1.5e9].map(byteSize), ['0 B', '999 B', '1.0 kB', '175 kB', '1.5 GB'])
  t.same([0.2, 59.2, 75, 7205].map(duration), ['1 s', '60 s', '1:15', '2:00:05'])
  t.equal(localTime(new Date(2026, 2, 9, 4, 5, 6)), '2026-03-09 04:05:06')
})

t.test('text from a file cannot control the terminal', async (t) => {
  t.equal(printable('a\u001b[2Jb\nc\u202ed'), 'a\ufffd[2Jb\ufffdc\ufffdd')
  t.equal(printableLines('a\nb\u0007'), 'a\nb\ufffd')
  t.equal(toJson({ a: '\u009b\u007f' }), '{"a":"\\u009b\\u007f"}\n')
  t.equal(sourceNames(['-', 'a.csv']), 'standard input, a.csv')
})

t.test('a receipt leaves out zeros that say nothing', async (t) => {
  const rows = {
    read: 1000,
    rejected: 0,
    duplicates: 2,
    inserted: 0,
    updated: 0,
    unchanged: 998,
    skipped: 0,
    deleted: 0,
  }
  const seconds = { total: 2, start: 0.5, plan: 0.5, copy: 0.5, merge: 0.5, aggregate: 0 }
  const text = renderReceipt({
    run: 7,
    command: 'ingest',
    status: 'completed',
    source: '-',
    table: 'shop.products',
    key: ['sku', 'name'],
    rows,
    seconds,
    aggregates: [{ table: 'products_agg', groups: 3 }],
    doubts: ['it is odd'],
  })
  t.equal(
    text,
    `standard input → shop.products (sku, name)
run 7 completed in 2.00 s, 500 records/s

  read          1,000  records
  duplicates        2  repeat the key of another record
  inserted          0  new
  updated           0  changed
  unchanged       998  not written
  products_agg      3  groups

  start 0.50 s · plan 0.50 s · copy 0.50 s · merge 0.50 s · aggregate 0.00 s

  it is odd
`,
  )
  const stopped = {
    run: 8,
    command: 'ingest',
    status: 'failed',
    source: 'a.csv',
    table: 't',
    key: ['a'],
  } as const
  const unknown = renderReceipt({ ...stopped, rows: null, aggregates: null, seconds: null })
  t.equal(unknown, 'a.csv → t (a)\nrun 8 failed\n\n')
})

t.test('lines break between words', async (t) => {
  t.same(wrap('one two three', 7), ['one two', 'three'])
  t.same(wrap('incomprehensible', 7), ['incomprehensible'])
  const lines = definitions(
    [
      ['-a', 'the first letter of the alphabet'],
      ['--a-very-long-flag-with-a-name VALUE', 'x'],
    ],
    48,
  )
  t.same(lines, [
    '  -a                    the first letter of the',
    '                        alphabet',
    '  --a-very-long-flag-with-a-name VALUE',
    '                        x',
  ])
})

t.test('a table fits its terminal', async (t) => {
  const columns = [
    { title: 'run', align: 'right' as const },
    { title: 'source', shrinks: true },
  ]
  const rows = [
    ['1', 'a-file-with-a-long-name.csv'],
    ['12', '商品.csv'],
  ]
  t.equal(
    renderTable(columns, rows, undefined),
    'run  source\n  1  a-file-with-a-long-name.csv\n 12  商品.csv\n',
  )
  for (const line of renderTable(columns, rows, 20).split('\n')) t.ok(line.length <= 20, line)
  t.match(renderTable(columns, rows, 20), /a-file-with-a-…/)
})

t.test('the proposed command line', async (t) => {
  const proposal = { options: {}, key: ['sku'], keyCandidates: [], columns: [], records: 10, rejected: 0 }
  const line = (more: object, argv: object = {}, isTyped = false) =>
    ingestLine(
      { proposal: { ...proposal, ...more } } as never,
      { source: ['a b.csv'], ...argv },
      ['null', 'table'],
      isTyped,
    )
  t.equal(line({}), "dasy ingest 'a b.csv'")
  t.equal(
    line({ options: { delimiter: ';', lenientQuotes: true } }),
    "dasy ingest 'a b.csv' --delimiter ';' --lenient-quotes",
  )
  t.equal(line({ rejected: 2 }, { null: '-' }), "dasy ingest 'a b.csv' --null=- --max-rejects 2")
  t.equal(line({ rejected: 10 }), "dasy ingest 'a b.csv'", 'a load of no records is none')
  const columns = [
    { name: 'id', type: 'integer' },
    { name: 'a,b', type: 'date' },
    { name: 'note', type: 'text' },
  ]
  const keyless = { key: null, keyCandidates: ['note', 'id'], columns }
  t.equal(line(keyless), "dasy ingest 'a b.csv' --table a_b --key id --types id:integer")
  t.equal(line(keyless, { table: 't' }, true), "dasy ingest 'a b.csv' --table t --key id")
  t.equal(
    line({ key: null }, { source: ['https://x.org/2026/Feed-1.csv.gz?a=b'] }),
    "dasy ingest 'https://x.org/2026/Feed-1.csv.gz?a=b' --table feed_1 --key :row",
  )
})
