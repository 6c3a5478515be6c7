import t from 'tap'
import { type KeyField, KeyReader } from '../../lib/csv/key-reader.js'

const DIALECT = { delimiter: 44, quote: 34, escape: 34, trim: false }

interface Read {
  readonly key: string
  readonly hash: number
  readonly isUnusual: boolean
}

/** The key of a record that other bytes follow; undefined if it is not usable. */
function read(record: string, fields: readonly (number | KeyField)[], dialect = DIALECT): Read | undefined {
  const bytes = Buffer.from(`${record}\nnext,record,here\n`)
  const of = fields.map((field) => (typeof field === 'number' ? { index: field, isInteger: false } : field))
  const reader = new KeyReader(dialect, of)
  const into = new Uint8Array(7 + reader.mostBytes)
  const length = reader.read(bytes, 0, Buffer.byteLength(record) + 1, into, 7)
  if (length === 0) return undefined
  const { hash, isUnusual } = reader
  return { key: Buffer.from(into.subarray(7, 7 + length)).toString(), hash, isUnusual }
}

t.test('a key is the text of its field, however it is quoted and wherever it stands', async (t) => {
  const plain = read('a-1,x', [0])
  t.equal(plain?.key, 'a-1')
  for (const [record, field] of [
    ['"a-1",x', 0],
    ['x,a-1', 1],
    ['"x, ""y""\r\n z",a-1\r', 1],
    ['x,"a-1"', 1],
    [',,a-1,', 2],
  ] as const)
    t.same(read(record, [field]), plain, record)
  t.same(read('x;a-1', [1], { ...DIALECT, delimiter: 59 }), plain)
  t.equal(read('"say ""hi"", you",x', [0])?.key, 'say "hi", you')
  t.equal(read('"""",x', [0])?.key, '"')
  t.equal(read('x,"two\nlines"', [1])?.key, 'two\nlines')
  t.equal(read(' a ,x', [0])?.key, ' a ')
})

t.test('the parts of a composite key are told apart', async (t) => {
  t.equal(read('a,x,b', [0, 2])?.key, 'a\0b')
  t.equal(read('"a",x,"b"', [0, 2])?.key, 'a\0b')
  t.equal(read('a,b,', [0, 1])?.key, 'a\0b')
  t.not(read('ab,c', [0, 1])?.hash, read('a,bc', [0, 1])?.hash)
})

t.test('a missing, empty, broken or too long key is not usable', async (t) => {
  for (const [record, fields] of [
    [',x', [0]],
    ['"",x', [0]],
    ['x', [1]],
    ['x,', [1]],
    ['"x', [0]],
    ['"x', [1]],
    ['"x"y,z', [1]],
    ['a,', [0, 1]],
    [',a', [0, 1]],
    [`${'k'.repeat(2601)},x`, [0]],
    [`"${'k'.repeat(2601)}",x`, [0]],
    [`${'k'.repeat(1300)},${'k'.repeat(1301)}`, [0, 1]],
  ] as const)
    t.equal(read(record, fields), undefined, record.slice(0, 20))
  t.equal(read(`${'k'.repeat(2600)},x`, [0])?.key.length, 2600)
  t.equal(read(`${'k'.repeat(1300)},${'k'.repeat(1300)}`, [0, 1])?.key.length, 2601)
})

t.test('integers that others may equal without having their text are told', async (t) => {
  const integer = [{ index: 0, isInteger: true }]
  for (const usual of ['0', '7', '123456789012345678', '"42"'])
    t.equal(read(`${usual},x`, integer)?.isUnusual, false, usual)
  for (const unusual of ['007', '+7', '-7', ' 7', '7 ', '1e3', '0x10', '1_000', '1234567890123456789', 'x'])
    t.equal(read(`${unusual},x`, integer)?.isUnusual, true, unusual)
  t.equal(read('007,x', [0])?.isUnusual, false)
})
