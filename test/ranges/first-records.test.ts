import t from 'tap'
import { type Head, recordEndsOf, surplusOf } from '../../lib/ranges/first-records.js'
import { DIALECT } from '../support/memory-source.js'

function head(records: string, columns = 2): Head {
  const opening = {
    columns: Array.from({ length: columns }, (_, index) => `c${index}`),
    header: new Uint8Array(),
    start: { offset: 0, line: 1 },
  }
  return { bytes: Buffer.from(records), isAll: true, opening, dialect: DIALECT }
}

t.test('the first sound record shows how many empty fields follow those of the columns', async (t) => {
  const cases: [string, string, number][] = [
    ['none', 'a,b\n', 0],
    ['two', 'a,b,,\n', 2],
    ['a value is not surplus', 'a,b,c\n', 0],
    ['a bad record is passed over', 'a"x,b\nc,d,\n', 1],
    ['blank lines are passed over', '\n\nc,d,\n', 1],
    ['too few fields', 'a\n', 0],
    ['no record', '', 0],
  ]
  for (const [name, records, surplus] of cases) t.equal(surplusOf(head(records)), surplus, name)
})

t.test('a table has no room for very many', async (t) => {
  t.equal(surplusOf(head(`a,b${','.repeat(1498)}\n`)), 1498)
  t.equal(surplusOf(head(`a,b${','.repeat(1499)}\n`)), 0)
})

t.test('the kinds of record ends', async (t) => {
  t.equal(recordEndsOf(head('a,b\nc,d\n')), 1)
  t.equal(recordEndsOf(head('a,b\rc,d\r')), 2)
  t.equal(recordEndsOf(head('a,b\r\nc,d')), 4)
  t.equal(recordEndsOf(head('a,"\n"\r\nc,d\n')), 5, 'not those within quotes')
})
