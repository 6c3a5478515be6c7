/** The sources of one run have the same columns, in any order. */
import t from 'tap'
import { DasyError } from '../../lib/base/errors.js'
import { doubtsOf, withDoubts } from '../../lib/ranges/doubts.js'
import type { PreparedSource } from '../../lib/ranges/prepared-source.js'
import { stagedColumns } from '../../lib/ranges/source-plan.js'
import { memorySource } from '../support/memory-source.js'

function prepared(name: string, columns: string[], doubts: string[] = []): PreparedSource {
  const opening = { columns, header: new Uint8Array(), start: { offset: 0, line: 1 } }
  return { source: memorySource('', { name }), opening, doubts } as unknown as PreparedSource
}

t.test('fields go into the staging columns of the first source', async (t) => {
  const first = prepared('a.csv', ['sku', 'Product Name', 'price'])
  const cases: [string, string[], number[]][] = [
    ['the same order', ['sku', 'Product Name', 'price'], [1, 2, 3]],
    ['another order', ['price', 'sku', 'Product Name'], [3, 1, 2]],
    ['another spelling', ['SKU', 'product_name', 'Price'], [1, 2, 3]],
  ]
  for (const [name, columns, numbers] of cases)
    t.same(stagedColumns(prepared('b.csv', columns), first), numbers, name)
})

t.test('other columns are refused by name', async (t) => {
  const first = prepared('a.csv', ['sku', 'name'])
  const cases: [string[], string, string][] = [
    [['sku'], 'b.csv has no column "name", unlike a.csv', 'name'],
    [['sku', 'name', 'price'], 'b.csv has a column "price", unlike a.csv', 'price'],
    [['sku', 'price'], 'b.csv has a column "price", unlike a.csv', 'price'],
  ]
  for (const [columns, message, column] of cases)
    t.throws(() => stagedColumns(prepared('b.csv', columns), first), {
      code: 'COLUMNS_DIFFER',
      message,
      details: { file: 'b.csv', column },
    })
})

t.test('doubts name their source if there are several', async (t) => {
  const [one, two] = [prepared('a.csv', [], ['it is odd']), prepared('b.csv', [], ['so is it'])]
  t.same(doubtsOf([one]), ['it is odd'])
  t.same(doubtsOf([one, two]), ['a.csv: it is odd', 'b.csv: so is it'])
})

t.test('an error that a wrong dialect may have caused has the doubts in its hint', async (t) => {
  const error = new DasyError('KEY_COLUMN_MISSING', 'no key', {
    hint: 'Name the key.',
    details: { column: 'sku' },
  })
  const doubtful = withDoubts(error, ['semicolons would do'])
  t.match(doubtful, {
    code: 'KEY_COLUMN_MISSING',
    message: 'no key',
    hint: 'Semicolons would do. Name the key.',
    details: { column: 'sku', doubts: ['semicolons would do'] },
  })
  t.equal(withDoubts(doubtful, ['and more']), doubtful, 'only once')
  t.equal(withDoubts(error, []), error)
  const other = new DasyError('DISK_FULL', 'no space')
  t.equal(withDoubts(other, ['semicolons would do']), other, 'not every error')
})
