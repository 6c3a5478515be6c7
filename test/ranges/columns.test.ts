/** Which columns a load looks for in a header, and where those of a further source go. */
import t from 'tap'
import type { PreparedSource } from '../../lib/ranges/prepared-source.js'
import { stagedColumns } from '../../lib/ranges/source-plan.js'
import { wantedColumns } from '../../lib/ranges/wanted-columns.js'

const source = (name: string, ...columns: string[]) =>
  ({ source: { name }, opening: { columns } }) as unknown as PreparedSource

t.test('columns are staged in the order of the first source', async (t) => {
  const first = source('a.csv', 'sku', 'Product Name', 'price')
  const cases: [string[], number[]][] = [
    [
      ['sku', 'Product Name', 'price'],
      [1, 2, 3],
    ],
    [
      ['price', 'sku', 'Product Name'],
      [3, 1, 2],
    ],
    [
      ['SKU', 'product_name', 'Price'],
      [1, 2, 3],
    ],
  ]
  for (const [columns, places] of cases)
    t.strictSame(stagedColumns(source('b.csv', ...columns), first), places, columns.join())
})

t.test('other columns are refused', async (t) => {
  const first = source('a.csv', 'sku', 'name')
  const cases: [string[], string][] = [
    [['sku'], 'lacks the column "name"'],
    [['sku', 'title'], 'has a column "title"'],
    [['sku', 'name', 'price'], 'has a column "price"'],
    [['sku', 'sku'], 'lacks the column "name"'],
  ]
  for (const [columns, what] of cases) {
    const message = `b.csv ${what}, unlike a.csv`
    t.throws(() => stagedColumns(source('b.csv', ...columns), first), { code: 'COLUMNS_DIFFER', message })
  }
  const ambiguous = source('a.csv', 'Name', 'NAME')
  t.strictSame(stagedColumns(source('b.csv', 'NAME', 'Name'), ambiguous), [2, 1], 'exact names come first')
  t.throws(() => stagedColumns(source('b.csv', 'name', 'NAME'), ambiguous), { code: 'COLUMNS_DIFFER' })
})

t.test('a load looks for its key and what its options name, as the file calls it', async (t) => {
  const wanted = (change: object) => {
    const options = { key: ['sku'], map: {}, ignore: [], set: {}, ...change }
    const { key, all } = wantedColumns(options as unknown as Parameters<typeof wantedColumns>[0], [
      'sku',
      'name',
    ])
    return { key, all }
  }
  t.strictSame(wanted({}), { key: ['sku'], all: ['sku'] })
  t.strictSame(wanted({ map: { 'article no': 'SKU', title: 'name' }, ignore: ['rubbish'] }), {
    key: ['article no'],
    all: ['article no', 'title', 'rubbish'],
  })
  t.strictSame(
    wanted({ key: ['sku', 'shop'], set: { Shop: '7' } }),
    { key: ['sku'], all: ['sku'] },
    'no constants',
  )
  t.strictSame(wanted({ key: [':row'], map: { '3': 'name' } }), { key: [], all: [] }, 'no row, no number')
})
