import t from 'tap'
import { checkBalance, type Rows } from '../../lib/contract/receipt.js'

const nothing: Rows = {
  read: 0,
  rejected: 0,
  duplicates: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  deleted: 0,
}

t.test('every record that was read is accounted for once', async (t) => {
  const balanced: Partial<Rows>[] = [
    {},
    { read: 1, inserted: 1 },
    { read: 21, rejected: 1, duplicates: 2, inserted: 3, updated: 4, unchanged: 5, skipped: 6 },
    { deleted: 9 }, // rows of the table, not records
  ]
  for (const rows of balanced)
    t.doesNotThrow(() => checkBalance({ ...nothing, ...rows }), JSON.stringify(rows))
  const unbalanced: Partial<Rows>[] = [
    { read: 1 },
    { inserted: 1 },
    { read: 2, inserted: 1, rejected: 2 },
    { read: 1, inserted: 2, updated: -1 },
  ]
  for (const rows of unbalanced)
    t.throws(
      () => checkBalance({ ...nothing, ...rows }),
      { code: 'RECEIPT_UNBALANCED' },
      JSON.stringify(rows),
    )
})
