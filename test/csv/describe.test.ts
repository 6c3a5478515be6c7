import t from 'tap'
import { NO_QUOTE } from '../../lib/contract/dialect-options.js'
import { describeDialect, nameOf, nameOfLineEnds } from '../../lib/csv/describe.js'

const USUAL = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

t.test('a dialect in one line', async (t) => {
  t.equal(describeDialect(USUAL, 'UTF8', 4, ['a', 'b'], true), 'comma, UTF-8, CRLF, header: a, b')
  t.equal(
    describeDialect({ delimiter: 0x09, quote: 0x27, escape: 0x5c, trim: true }, 'WIN1252', 3, ['a'], false),
    "tab, quote ', escape \\, trimmed, WIN1252, mixed line ends, no header: a",
  )
  const none = { ...USUAL, quote: NO_QUOTE, escape: NO_QUOTE }
  t.equal(describeDialect(none, 'UTF8', 0, ['a'], true), 'comma, no quotes, UTF-8, header: a')
})

t.test('only the first columns are listed', async (t) => {
  const columns = Array.from({ length: 13 }, (_, n) => `c${n}`)
  t.match(describeDialect(USUAL, 'UTF8', 1, columns, true), /header: c0, .*, c11, … \(13 columns\)$/)
  t.notMatch(describeDialect(USUAL, 'UTF8', 1, columns.slice(0, 12), true), '…')
})

t.test('characters and line ends have names', async (t) => {
  t.same([0x2c, 0x3b, 0x09, 0x7c, 0x20].map(nameOf), ['comma', 'semicolon', 'tab', 'pipe', 'space'])
  t.same([0x5e, 0x1f].map(nameOf), ['"^"', 'byte 1F'])
  t.same([0, 1, 2, 4, 5].map(nameOfLineEnds), [undefined, 'LF', 'CR', 'CRLF', 'mixed'])
})
