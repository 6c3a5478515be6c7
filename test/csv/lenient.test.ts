import t from 'tap'
import { splitLeniently, writeFields } from '../../lib/csv/lenient.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const NULL_WORD = Buffer.from('NULL')

/** A record with misplaced quotes, and the same written anew; undefined where a quote is never closed. */
const CASES: [name: string, record: string, written: string | undefined][] = [
  ['a stray quote is text', '1,5" pipe,x', '"1","5"" pipe","x"'],
  ['two stray quotes are text', '5" a,6" b', '"5"" a","6"" b"'],
  ['text after a closing quote makes both text', '1,"abc"def,x', '"1","""abc""def","x"'],
  ['… at the end of the record', '1,"abc"def', '"1","""abc""def"'],
  ['… before a field in quotes', '1,"abc"def,"x"', '"1","""abc""def","x"'],
  ['… before an empty field in quotes', '1,"abc"def,""', '"1","""abc""def",""'],
  ['a quote in a field that closes', '1,"abc"def",x', '"1","abc""def","x"'],
  ['quotes in a field that closes', '"say "hi" now",', '"say ""hi"" now",'],
  ['doubled and lone quotes in a field that closes', '"a ""b"" c"d"', '"a ""b"" c""d"'],
  ['a delimiter and a line break in a field that closes', '"a, "b"\r\nc",', '"a, ""b""\r\nc",'],
  ['a lone quote behind two that open', '""x,y', '"""""x","y"'],
  ['a quote that nothing closes', 'a"b,"open', undefined],
  ['… that only doubled ones follow', 'a"b,"open ""x"" on', undefined],
  ['… in a record of its own', '"', undefined],
  ['an unquoted empty field stays one', 'a"b,,""', '"a""b",,""'],
  [
    'a NULL word becomes an empty field, but not in quotes',
    'a"b,NULL,"NULL",NULLs',
    '"a""b",,"NULL","NULLs"',
  ],
  ['a delimiter at the end is an empty field more', 'a"b,', '"a""b",'],
]

for (const [name, record, written] of CASES) {
  t.test(name, async (t) => {
    const fields = splitLeniently(Buffer.from(record), dialect)
    t.equal(fields && writeFields(fields, dialect, NULL_WORD).toString(), written)
  })
}

/** The same in dialects with an escape of their own, or with blanks to leave out. */
const DIALECTS: [name: string, mark: string, trim: boolean, record: string, written: string | undefined][] = [
  ['an escaped quote is one', '\\', false, 'a"b,"x\\"y"', '"a\\"b","x\\"y"'],
  ['a lone quote is text beside it', '\\', false, '"say "hi\\" now"', '"say \\"hi\\" now"'],
  ['doubled quotes are two', '\\', false, '"a""b",c', '"a\\"\\"b","c"'],
  ['an escape is text where there are no quotes', '\\', false, 'a"\\b,\\', '"a\\"\\\\b","\\\\"'],
  ['an escape of anything else is text', '\\', false, 'a"b,"x\\y\\\\"', '"a\\"b","x\\\\y\\\\"'],
  ['a quote that an escaped one does not close', '\\', false, 'a"b,"open\\"', undefined],
  ['blanks around fields', '"', true, ' a"b , "x" ,  ', '"a""b","x",'],
  ['blanks in quotes', '"', true, '"a"b" ," x "', '"a""b"," x "'],
  ['a NULL word between blanks', '"', true, 'a"b, NULL ," NULL"', '"a""b",," NULL"'],
]

for (const [name, mark, trim, record, written] of DIALECTS) {
  t.test(name, async (t) => {
    const spelled = { ...dialect, escape: mark.charCodeAt(0), trim }
    const fields = splitLeniently(Buffer.from(record), spelled)
    t.equal(fields && writeFields(fields, spelled, NULL_WORD).toString(), written)
  })
}
