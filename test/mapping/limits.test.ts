import t from 'tap'
import type { Target } from '../../lib/catalog/target.js'
import type { Mapping } from '../../lib/mapping/columns.js'
import { candidatesFor, isOfCalendar } from '../../lib/mapping/kinds.js'
import { refuseTooManyColumns } from '../../lib/mapping/limits.js'

const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`)

function check(fields: number, newColumns: number, target?: Target): void {
  const columns = names(newColumns).map(() => ({ added: true }))
  const mapping = { columns, newTable: names(newColumns) } as unknown as Mapping
  refuseTooManyColumns(names(fields), mapping, {
    file: 'a.csv',
    table: { schema: undefined, name: 'things' },
    target,
  })
}

t.test('what PostgreSQL would refuse is refused before', async (t) => {
  t.doesNotThrow(() => check(1599, 1600))
  t.throws(() => check(1600, 10), { code: 'TOO_MANY_COLUMNS', message: /a file can have at most 1599/ })
  t.throws(() => check(10, 1601), { code: 'TOO_MANY_COLUMNS', message: /^things would have 1601 columns/ })
  const target = { attributes: 1590 } as Target
  t.doesNotThrow(() => check(10, 10, target))
  t.throws(() => check(11, 11, target), { message: /dropped ones included/, hint: /--ignore/ })
})

t.test('the types that all values may have, the narrowest first', async (t) => {
  t.same(candidatesFor(0, false), [])
  t.same(candidatesFor(2 | 4 | 8, false), ['integer', 'bigint', 'numeric'])
  t.same(candidatesFor(1 | 8 | 16, false), ['boolean', 'numeric', 'date'])
  t.same(candidatesFor(1 | 2 | 8 | 16 | 32 | 128, true), ['integer', 'date', 'uuid'], 'of a key')
  t.same([isOfCalendar('date'), isOfCalendar('timestamptz'), isOfCalendar('uuid')], [true, true, false])
})
