import t from 'tap'
import { contentOf, isOnlyDelimiters } from '../../lib/csv/content.js'
import { forCopy, isForeignToCopy } from '../../lib/csv/for-copy.js'
import { endWithoutSurplus, withSurplus } from '../../lib/csv/surplus.js'
import { trimFields } from '../../lib/csv/trim.js'

const PLAIN = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const TRIMMED = { ...PLAIN, trim: true }
const TABS = { ...TRIMMED, delimiter: 0x09 }
const ESCAPED = { ...TRIMMED, escape: 0x5c }

const TRIMS: [text: string, dialect: typeof PLAIN, trimmed: string][] = [
  [' a , b c\t,\t\n', TRIMMED, 'a,b c,\n'],
  [' "a " , "b, c"\t\r\n d', TRIMMED, '"a ","b, c"\r\nd'],
  ['"a ""b"" " ,c \n', TRIMMED, '"a ""b"" ",c\n'],
  ['"a \\" " , b\n', ESCAPED, '"a \\" ",b\n'],
  [' a\t b \t\tc\n', TABS, 'a\tb\t\tc\n'],
]
t.test('blanks around fields are removed, those in fields stay', async (t) => {
  for (const [text, dialect, trimmed] of TRIMS)
    t.equal(`${trimFields(Buffer.from(text), dialect)}`, trimmed, text)
})

t.test('nothing is copied if nothing changes', async (t) => {
  const records = Buffer.from('1,a\n2,b\n')
  t.equal(trimFields(records, TRIMMED), records)
  t.equal(forCopy(records, { dialect: TRIMMED, nullWord: Buffer.from('NULL') }), records)
  t.notOk(isForeignToCopy({ dialect: PLAIN, nullWord: undefined }))
})

t.test('NULL words become empty fields after blanks are removed', async (t) => {
  const format = { dialect: TRIMMED, nullWord: Buffer.from('NULL') }
  t.equal(`${forCopy(Buffer.from('1, NULL ,"NULL",NULLS\n'), format)}`, '1,,"NULL",NULLS\n')
  t.ok(isForeignToCopy(format))
})

t.test('the content of a record is what stands between blanks', async (t) => {
  const content = (text: string): string => {
    const [start, end] = contentOf(Buffer.from(text), 0, text.length, TRIMMED)
    return text.slice(start, end)
  }
  t.equal(content('  a , b '), 'a , b')
  for (const text of ['', '  ', ' , ,', ',,', ' \t']) t.equal(content(text), '', JSON.stringify(text))
  t.equal(content(' ""'), '""', 'an empty quoted field is content')
})

t.test('a record of empty fields has delimiters only', async (t) => {
  const isEmpty = (text: string) => isOnlyDelimiters(Buffer.from(text), 0, text.length, PLAIN.delimiter)
  t.ok(isEmpty('') && isEmpty(',,,'))
  t.notOk(isEmpty(',"",') || isEmpty(', '))
})

t.test('a record ends before its surplus fields if these are empty and unquoted', async (t) => {
  const end = (text: string, surplus: number, dialect = PLAIN) =>
    endWithoutSurplus(Buffer.from(text), text.length, surplus, dialect)
  t.equal(end('1,a,,', 2), 3)
  t.equal(end('1,a', 0), 3)
  t.equal(end('1,a, ,\t', 2, TRIMMED), 3)
  for (const text of ['1,a,b,', '1,a,"",', '1,a, ,']) t.equal(end(text, 2), undefined, text)
  t.equal(`${withSurplus(Buffer.from('1,a'), 2, PLAIN)}`, '1,a,,')
})
