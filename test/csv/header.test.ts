import t from 'tap'
import { parseHeader } from '../../lib/csv/header.js'

const USUAL = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const BACKSLASH = { ...USUAL, escape: 0x5c }
const TRIMMED = { ...USUAL, trim: true }
const TABS = { ...TRIMMED, delimiter: 0x09 }

const CASES: [name: string, header: string, dialect: typeof USUAL, names: string[]][] = [
  ['names are trimmed anyway', ' a ," b "\r\n', USUAL, ['a', 'b']],
  ['a doubled quote is one', '"a""b","c,\nd"', USUAL, ['a"b', 'c,\nd']],
  ['an escaped quote is one', '"a\\"b","c\\\\","d\\e"\n', BACKSLASH, ['a"b', 'c\\', 'd\\e']],
  ['quotes behind blanks', ' "a,b" , c\r', TRIMMED, ['a,b', 'c']],
  ['nameless columns at the end are none', 'a,"b",, \r\n', USUAL, ['a', 'b']],
  ['tabs that are delimiters', 'a\t "b c" \td\n', TABS, ['a', 'b c', 'd']],
]

t.test('a header is read in any dialect', async (t) => {
  for (const [name, header, dialect, names] of CASES) {
    t.strictSame(parseHeader(Buffer.from(header), dialect, 'f.csv'), names, name)
  }
})

t.test('an empty name in quotes, or before others, is none', async (t) => {
  for (const header of ['a,""', 'a,,b', ',a', 'a, ,b,']) {
    t.throws(() => parseHeader(Buffer.from(header), USUAL, 'f.csv'), { code: 'BAD_HEADER' }, header)
  }
})

t.test('a tab more in a header of tabs is a column without a name', async (t) => {
  t.throws(() => parseHeader(Buffer.from('a\t\tb\n'), TABS, 'f.csv'), {
    code: 'BAD_HEADER',
    message: /column 2 /,
  })
})
