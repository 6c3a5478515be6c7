import picocolors from 'picocolors'
import width from 'string-width'
import t from 'tap'
import { renderMovements } from '../../../lib/cli/diff/bars.js'
import { placeOf, renderChange } from '../../../lib/cli/diff/change.js'
import { cutAround, cutMiddle } from '../../../lib/cli/diff/cut.js'
import { renderSummary } from '../../../lib/cli/diff/summary.js'
import { shownValue } from '../../../lib/cli/diff/value.js'

const plain = { columns: 60, colors: picocolors.createColors(false) }
const NOWHERE = { source: null, byte: null, line: null }

t.test('a long text is cut in the middle', async (t) => {
  t.equal(cutMiddle('short', 5), 'short')
  t.equal(cutMiddle('abcdefghij', 7), 'abc…hij')
  t.equal(cutMiddle('abcdefghij', 1), '…')
  t.equal(cutMiddle('漢字漢字漢字', 7), '漢字…字', 'a wide character takes two columns')
  t.equal(width(cutMiddle('😀'.repeat(100_000), 20)), 19)
})

t.test('two versions are cut around what differs', async (t) => {
  t.same(cutAround('abc', 'abd', 10), ['abc', 'abd'])
  const text = (middle: string) => `${'a'.repeat(50)}${middle}${'z'.repeat(50)}`
  t.same(cutAround(text('one'), text('two'), 15), ['…aaaaaonezzzzz…', '…aaaaatwozzzzz…'])
  t.same(cutAround(`x${'z'.repeat(50)}`, `yy${'z'.repeat(50)}`, 10), ['xzzzzzzz…', 'yyzzzzzzz…'])
  t.same(cutAround(`${'a'.repeat(50)}1`, `${'a'.repeat(50)}2`, 10), ['…aaaaaaaa1', '…aaaaaaaa2'])
  t.same(cutAround('a'.repeat(50), 'b'.repeat(40), 9), ['aaaa…aaaa', 'bbbb…bbbb'])
  t.same(cutAround('a'.repeat(50), 'a'.repeat(51), 9), ['…aaaaaaa', '…aaaaaaaa'])
  const bean = 'Broad bean from the large field behind the house'
  t.same(cutAround('Bean', bean, 20), ['Bean', 'Broad bean…the house'], 'what fits is whole')
  t.same(cutAround(`a${bean}z`, `a${bean.toUpperCase()}z`, 12), ['…road …ousez', '…ROAD …OUSEz'])
  t.same(cutAround(`aaa${bean}zzz`, `aaa${bean.toUpperCase()}zzz`, 7), ['…ro…se…', '…RO…SE…'])
  t.same(cutAround(text('😀'), text('😁'), 6), ['…a😀z…', '…a😁z…'], 'half a character is none')
  const both = cutAround(
    `${'漢'.repeat(3000)}x${'字'.repeat(3000)}`,
    `${'漢'.repeat(3000)}y${'字'.repeat(3000)}`,
    21,
  )
  for (const each of both) t.ok(width(each) <= 21 && /x|y/.test(each), each)
})

t.test('NULL, empty text and blanks can be told apart', async (t) => {
  t.same([null, '', 'NULL', ' a', 'a\tb\r\nc', '\u001b[1m'].map(shownValue), [
    'NULL',
    '""',
    '"NULL"',
    '" a"',
    'a⇥b⏎c',
    '\ufffd[1m',
  ])
})

t.test('changes are aligned by column', async (t) => {
  const place = { source: 'products.csv', byte: 4711, line: 1200 }
  t.equal(
    renderChange(
      {
        op: 'update',
        key: { sku: 'a', lang: 'en' },
        old: { name: 'x', description: 'The quick brown fox jumps over the lazy dog' },
        new: { name: null, description: 'The quick brown fox jumps over the crazy dog' },
        ...place,
      },
      plain,
    ),
    `~ a, en  products.csv, line 1,200
    name         x                   → NULL
    description  … over the lazy dog → … over the crazy dog
`,
  )
  t.equal(
    renderChange(
      { op: 'insert', key: { sku: 'b' }, new: { sku: 'b', name: 'n', text: '' }, ...NOWHERE },
      plain,
    ),
    '+ b\n    name  n\n    text  ""\n',
  )
  t.equal(
    renderChange({ op: 'delete', key: { sku: 'b' }, old: { sku: 'b', name: null }, ...NOWHERE }, plain),
    '- b\n    name  NULL\n',
  )
  const wide = {
    op: 'update' as const,
    key: { k: 'k'.repeat(500) },
    old: { ['n'.repeat(70)]: 'a' },
    ...place,
  }
  for (const columns of [20, 40, 200]) {
    const lines = renderChange({ ...wide, new: { ['n'.repeat(70)]: 'b'.repeat(500) } }, { ...plain, columns })
    const longest = Math.max(...lines.split('\n').map((line) => width(line)))
    t.ok(longest <= Math.max(columns, 46), `${longest} of ${columns} columns`)
  }
})

t.test('colors', async (t) => {
  const look = { columns: 60, colors: picocolors.createColors(true) }
  const text = renderChange(
    { op: 'update', key: { a: '1' }, old: { b: 'x' }, new: { b: 'y' }, ...NOWHERE },
    look,
  )
  t.match(text, '\u001b[31mx\u001b[39m')
  t.match(text, '\u001b[32my\u001b[39m')
})

t.test('where a record is', async (t) => {
  t.equal(placeOf({ source: '-', byte: 1234, line: null }), 'standard input, byte 1,234')
  t.equal(placeOf({ source: 'a.csv', byte: null, line: null }), 'a.csv')
  t.equal(placeOf(NOWHERE), '')
})

t.test('the summary leaves out what there is not', async (t) => {
  const { colors } = plain
  t.equal(
    renderSummary({ inserted: 12, updated: 340, deleted: 5, unchanged: 466_336 }, colors),
    '+ 12 new  ~ 340 changed  - 5 deleted  = 466,336 same\n',
  )
  t.equal(renderSummary({ inserted: 0, updated: 1, deleted: 0 }, colors), '~ 1 changed\n')
  t.equal(renderSummary({ inserted: 0, updated: 0, deleted: 0 }, colors), 'nothing changes\n')
})

t.test('movements of an aggregate', async (t) => {
  t.equal(
    renderMovements(
      [
        { value: 'Alice', before: 3, after: 1203 },
        { value: null, before: 700, after: 100 },
        { value: 'Bob', before: 1, after: 0 },
      ],
      plain,
    ),
    `  Alice  +1,200  ████████████████████████  3 → 1,203
  NULL     -600  ████████████              700 → 100
  Bob        -1  ▏                         1 → 0
`,
  )
})
