/** Which column gets what, without a database: the table is data. */
import t from 'tap'
import { type Target, textColumn } from '../../lib/catalog/target.js'
import type { LoadOptions } from '../../lib/contract/options.js'
import { resolveOptions } from '../../lib/contract/settings.js'
import { countableColumn, isSameMapping, mapColumns, storedAs } from '../../lib/mapping/columns.js'

function table(names: string[], key: string[], more: Partial<Target> = {}): Target {
  const keys = [{ primary: true, constraint: null, columns: key, plain: true }]
  return { columns: names.map(textColumn), keys, attributes: names.length, ...more } as unknown as Target
}

function map(header: string[], options: LoadOptions = {}, target?: Target, mayAdd = false) {
  const settings = resolveOptions(options, () => {
    throw new Error('there is no SQL file')
  })
  return mapColumns({ header, settings, file: 'a.csv', isDoubtful: false }, target, mayAdd)
}

t.test('a new table has the columns of its file', async (t) => {
  const things = map(['id', 'pdl count'], { table: 'things', key: 'id' })
  t.match(things, { isNew: true, newTable: ['id', 'pdl count'], key: [{ target: 'id', key: true }] })
  t.ok(things.columns.every(({ added }) => !added))
  const products = map(['Name', 'price', 'SKU'])
  t.same(products.newTable, ['sku', 'name', 'description', 'price'], 'products has its own first')
  t.same(map(['id', 'name'], { key: 'id' }).newTable, ['id', 'name'], 'unless the key is another one')
  const rows = map(['b', 'a'], { table: 'log', key: ':row', set: { day: '1' } })
  t.same(rows.newTable, ['row_id', 'b', 'a', 'day'])
  t.match(rows.key, [{ kind: 'row', target: 'row_id', stored: { type: 'uuid' } }])
})

t.test('fields and constants go into the columns of the table', async (t) => {
  const target = table(['sku', 'product_name', 'source'], ['sku'])
  const options: LoadOptions = { map: { no: 'sku' }, ignore: 'notes', set: { source: 'acme' } }
  const { columns, key, isNew } = map(['no', 'Product Name', 'notes'], options, target)
  t.equal(isNew, false)
  t.same(
    columns.map(({ kind, source, target: to }) => [kind, source, to]),
    [
      ['field', 'no', 'sku'],
      ['field', 'Product Name', 'product_name'],
      ['constant', 'source', 'source'],
    ],
  )
  t.match(key, [{ source: 'no' }])
  t.match(map(['sku', 'new'], {}, target, true).columns[1], { target: 'new', added: true })
})

t.test('what does not fit is refused by name, with the remedy', async (t) => {
  const target = table(['sku', 'name', 'price', 'Price'], ['sku'])
  const cases: [string, () => unknown, { code: string; message?: RegExp; hint?: RegExp }][] = [
    [
      'two columns of the table',
      () => map(['sku', 'PRICE'], {}, target),
      { code: 'COLUMN_AMBIGUOUS', message: /matches "price" and "Price"/ },
    ],
    [
      'two columns of the file',
      () => map(['sku', 'name', 'Name'], {}, target),
      { code: 'COLUMN_AMBIGUOUS', message: /both match the column "name"/ },
    ],
    [
      'a constant and a column',
      () => map(['sku', 'name'], { set: { name: 'x' } }, target),
      { code: 'COLUMN_AMBIGUOUS', hint: /--ignore "name"/ },
    ],
    [
      'a column that the table lacks',
      () => map(['sku', 'nam'], {}, target),
      { code: 'COLUMN_UNKNOWN', message: /nearest is "name"/, hint: /--map "nam=name"/ },
    ],
    [
      'a flag for a column that the file lacks',
      () => map(['sku'], { ignore: 'notes' }, target),
      { code: 'COLUMN_NOT_FOUND' },
    ],
    [
      'a file without the key',
      () => map(['id', 'name'], {}, target, true),
      { code: 'KEY_COLUMN_MISSING', message: /it has "id", "name"/ },
    ],
    [
      'another key',
      () => map(['sku', 'name'], { key: 'name' }, target),
      {
        code: 'KEY_MISMATCH',
        message: /its key is \(sku\)/,
        hint: /CREATE UNIQUE INDEX ON "products" \("name"\)/,
      },
    ],
    [
      'a name that PostgreSQL reserves',
      () => map(['sku', 'xmin']),
      { code: 'BAD_HEADER', hint: /--map "xmin=NAME"/ },
    ],
  ]
  for (const [name, call, error] of cases) t.throws(call, error, name)
  const generated = table(['sku'], ['sku'])
  const computed = {
    ...generated,
    columns: [...generated.columns, { ...textColumn('total'), generated: true }],
  }
  t.throws(() => map(['sku', 'total'], {}, computed), { code: 'COLUMN_GENERATED', hint: /--ignore "total"/ })
})

t.test('a value is cast to the type of its column', async (t) => {
  const [sku, price] = map(['sku', 'price'], { table: 'things' }).columns
  t.equal(sku?.value.sql, 's."c1"')
  if (!price) return
  const typed = storedAs(price, { ...textColumn('price'), type: 'numeric(10,2)', text: false })
  t.equal(typed.value.sql, 'CAST(s."c2" AS numeric(10,2))')
  const collated = { ...textColumn('price'), type: 'citext', text: false, collation: '"de"' }
  t.equal(storedAs(price, collated).value.sql, 'CAST(s."c2" AS citext) COLLATE "de"')
})

t.test('mappings are the same if they write the same', async (t) => {
  const one = map(['sku', 'name'], { table: 'things' })
  t.equal(isSameMapping(one, map(['sku', 'name'], { table: 'things' })), true)
  t.equal(isSameMapping(one, map(['name', 'sku'], { table: 'things' })), false)
  t.equal(isSameMapping(one, map(['sku', 'name'], { table: 'things', key: 'name' })), false)
  t.equal(countableColumn(one, 'name')?.target, 'name')
  t.equal(countableColumn(one, 'price'), undefined)
})
