import t from 'tap'
import { countColumnOf, nameOf, refuseLong } from '../../lib/aggregate/names.js'
import { productsAggregate } from '../../lib/aggregate/plan.js'

t.test('an aggregate is named after table and column', async (t) => {
  t.equal(nameOf('products', 'name'), 'products_agg')
  t.equal(nameOf('products', 'brand'), 'products_agg_brand')
  t.equal(countColumnOf('products'), 'no_of_products')
})

t.test(
  'long names are shortened to 63 bytes, the longer part first, and never within a character',
  async (t) => {
    t.equal(nameOf('t'.repeat(63), 'name'), `${'t'.repeat(59)}_agg`)
    t.equal(nameOf('t'.repeat(63), 'brand'), `${'t'.repeat(53)}_agg_brand`)
    t.equal(nameOf('shop', 'c'.repeat(63)), `shop_agg_${'c'.repeat(54)}`)
    t.equal(nameOf('t'.repeat(63), 'c'.repeat(63)), `${'t'.repeat(29)}_agg_${'c'.repeat(29)}`)
    t.equal(nameOf('ä'.repeat(31), 'name'), `${'ä'.repeat(29)}_agg`)
    t.equal(countColumnOf(`x${'😀'.repeat(15)}`), `no_of_x${'😀'.repeat(14)}`)
    for (const name of [nameOf('é'.repeat(31), 'ß'.repeat(31)), countColumnOf('é'.repeat(31))])
      t.ok(Buffer.byteLength(name) <= 63, name)
  },
)

t.test('a name that the user chose is refused if it is longer', async (t) => {
  refuseLong('x'.repeat(63))
  t.throws(() => refuseLong('ä'.repeat(32)), { code: 'NAME_TOO_LONG', hint: /--into/ })
})

t.test('only a table products with a column name has an automatic aggregate', async (t) => {
  t.same(productsAggregate('products', ['sku', 'name']), {
    name: 'products_agg',
    column: 'name',
    countColumn: 'no_of_products',
  })
  t.equal(productsAggregate('products', ['sku', 'title']), undefined)
  t.equal(productsAggregate('goods', ['name']), undefined)
})
