import t from 'tap'
import { FieldReader } from '../../lib/inspect/fields.js'

const USUAL = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const BACKSLASH = { ...USUAL, escape: 0x5c }

/** The records of a text: its fields, null for NULL. */
function read(text: string, columns: number, dialect = USUAL) {
  const fields = new FieldReader(dialect, columns)
  const bytes = Buffer.from(text)
  const records: (string | null)[][] = []
  const lines: number[] = []
  fields.line = 1
  for (let at = 0; at < bytes.length; ) {
    lines.push(fields.line)
    at = fields.read(bytes, at)
    const textOf = (field: number): string => {
      const { bytes: all, start, end } = fields.text(field)
      return all.toString('utf8', start, end)
    }
    records.push(Array.from({ length: columns }, (_, field) => (fields.isNull(field) ? null : textOf(field))))
  }
  return { records, lines }
}

t.test('fields of records with every kind of line end', async (t) => {
  const { records } = read('1,a\r\n2,b\n3,c\r4,d', 2)
  t.strictSame(records, [
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'c'],
    ['4', 'd'],
  ])
})

t.test('an unquoted empty field is NULL, a quoted one is not', async (t) => {
  t.strictSame(read(',""\n"",\n', 2).records, [
    [null, ''],
    ['', null],
  ])
})

t.test('quoted fields without their quotes and escapes', async (t) => {
  t.strictSame(read('"a,b","c ""d"""\n', 2).records, [['a,b', 'c "d"']])
  t.strictSame(read('"a\\"b","c\\\\"\n"\\x",y\\z\n', 2, BACKSLASH).records, [
    ['a"b', 'c\\'],
    ['\\x', 'y\\z'],
  ])
})

t.test('records start on the lines after those in quoted fields', async (t) => {
  t.strictSame(read('1,"a\nb\r\nc\rd"\n2,x\n3,y', 2).lines, [1, 5, 6])
})

t.test('surplus fields are skipped', async (t) => {
  t.strictSame(read('1,a,,\n2,b\n', 2).records, [
    ['1', 'a'],
    ['2', 'b'],
  ])
})
