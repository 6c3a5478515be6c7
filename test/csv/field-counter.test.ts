import t from 'tap'
import { FieldCounter } from '../../lib/csv/field-counter.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const counter = new FieldCounter(dialect)

t.test('counts the fields of a record', async (t) => {
  const cases: [record: string, fields: number][] = [
    ['a', 1],
    ['', 1],
    ['a,b', 2],
    [',,', 3],
    ['"a,b","c\n,"', 2],
    ['"a "",""",b', 2],
  ]
  for (const [record, fields] of cases) t.equal(counter.count(Buffer.from(record)), fields, record)
})

t.test('says whether all records have as many fields', async (t) => {
  const cases: [records: string, columns: number, all: boolean][] = [
    ['a,b\nc,d\n', 2, true],
    ['a,b\r\nc,d\r\n', 2, true],
    ['a,b\rc,d\r', 2, true],
    ['a,b\nc,d', 2, true],
    ['a,b\nc', 2, false],
    ['a,b\nc,d,e', 2, false],
    ['a\nc,d\n', 2, false],
    ['a,b,c\nd\n', 2, false],
    ['"a,\n",b\n"c\r","d"\n', 2, true],
    ['"a"",",b\n', 2, true],
    ['a\nb', 1, true],
  ]
  for (const [records, columns, all] of cases) {
    t.equal(counter.allHave(columns, Buffer.from(records)), all, JSON.stringify(records))
  }
})

t.test('says whether all have as many surplus fields, which are empty', async (t) => {
  const cases: [records: string, surplus: number, all: boolean][] = [
    ['a,b,\nc,d,\n', 1, true],
    ['a,b,,\r\n,"d",,', 2, true],
    ['a,b,\nc,d\n', 1, false],
    ['a,b,\nc,d,,\n', 1, false],
    ['a,b,\nc,d,x\n', 1, false],
    ['a,b,""\nc,d,\n', 1, false],
    ['a,b,\nc,d, \n', 1, false],
    ['a,b,x,\n', 2, false],
    ['a,b,,x\n', 2, false],
  ]
  for (const [records, surplus, all] of cases) {
    t.equal(counter.allHave(2, Buffer.from(records), surplus), all, JSON.stringify(records))
  }
  const trimming = new FieldCounter({ ...dialect, trim: true })
  t.ok(trimming.allHave(2, Buffer.from('a,b , ,\t\nc,d,,\n'), 2), 'blanks are nothing where they are trimmed')
})
