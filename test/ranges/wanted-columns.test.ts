import t from 'tap'
import type { LoadOptions } from '../../lib/contract/options.js'
import { resolveOptions } from '../../lib/contract/settings.js'
import { wantedColumns } from '../../lib/ranges/wanted-columns.js'

const wanted = (options: LoadOptions, known?: string[]) =>
  wantedColumns(
    resolveOptions(options, () => {
      throw new Error('there is no SQL file')
    }).mapping,
    known,
  )

t.test('the names that a header must have', async (t) => {
  const cases: [string, LoadOptions, string[], string[]][] = [
    ['the key', { key: 'sku,shop' }, ['sku', 'shop'], ['sku', 'shop']],
    [
      'the key under the name that it has in the file',
      { map: { 'Product No': 'SKU' } },
      ['Product No'],
      ['Product No'],
    ],
    ['not a constant', { key: 'sku,shop', set: { Shop: 'x' } }, ['sku'], ['sku']],
    ['not the record', { key: ':row', ignore: 'notes' }, [], ['notes']],
    ['no numbers of columns', { map: { 3: 'sku' }, ignore: '2,notes' }, [], ['notes']],
  ]
  for (const [name, options, key, all] of cases) t.match(wanted(options), { key, all, known: [] }, name)
  t.same(wanted({}, ['a']).known, ['a'])
})
