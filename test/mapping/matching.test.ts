import t from 'tap'
import { match, requireMatch } from '../../lib/mapping/matching.js'

const find = (name: string, names: string[]) => match(name, names, (each) => each, `"${name}"`)

t.test('names match exactly, or else but for case, spaces and underscores', async (t) => {
  const cases: [string, string[], string | undefined][] = [
    ['name', ['sku', 'name'], 'name'],
    ['Product Name', ['product_name'], 'product_name'],
    ['PRODUCTNAME', ['product name'], 'product name'],
    ['name', ['Name', 'name'], 'name'],
    ['name', ['sku'], undefined],
    ['naïve', ['NAÏVE'], 'NAÏVE'],
    ['na-me', ['name'], undefined],
  ]
  for (const [name, names, found] of cases) t.equal(find(name, names), found, `${name} of ${names}`)
  t.throws(() => find('NAME', ['Name', 'name']), { code: 'COLUMN_AMBIGUOUS' })
})

t.test('what a flag names must be there, by its name or its place', async (t) => {
  const names = ['sku', 'Name', '3']
  for (const [name, found] of [
    ['sku', 'sku'],
    ['name', 'Name'],
    ['2', 'Name'],
    ['3', '3'],
  ] as const)
    t.equal(requireMatch('--map', name, names, 'x.csv'), found)
  for (const name of ['nam', '0', '4', '1.0'])
    t.throws(() => requireMatch('--map', name, names, 'x.csv'), { code: 'COLUMN_NOT_FOUND' }, name)
})
