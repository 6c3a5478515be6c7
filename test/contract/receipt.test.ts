import t from 'tap'
import { checkBalance, type Rows } from '../../lib/contract/receipt.js'

const BALANCED: Rows = {
  read: 21,
  rejected: 1,
  duplicates: 2,
  inserted: 3,
  updated: 4,
  unchanged: 5,
  skipped: 6,
  deleted: 0,
}

t.test('every record that was read is accounted for exactly once', async (t) => {
  t.doesNotThrow(() => checkBalance(BALANCED))
  t.doesNotThrow(() => checkBalance({ ...BALANCED, deleted: 7 }), 'a row that is deleted was no record')
  const counted = ['read', 'rejected', 'duplicates', 'inserted', 'updated', 'unchanged', 'skipped'] as const
  for (const name of counted) {
    for (const by of [-1, 1]) {
      const rows = { ...BALANCED, [name]: BALANCED[name] + by }
      t.throws(() => checkBalance(rows), { code: 'RECEIPT_UNBALANCED', exitStatus: 1 }, `${name} ${by}`)
    }
  }
  const negative = { ...BALANCED, unchanged: -1, skipped: 12 }
  t.throws(() => checkBalance(negative), { code: 'RECEIPT_UNBALANCED' }, 'what adds up by a negative count')
})
