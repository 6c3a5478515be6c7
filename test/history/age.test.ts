import t from 'tap'
import { historyDays } from '../../lib/history/age.js'

t.test('history is kept for 30 days, or as the environment or the configuration says', async (t) => {
  t.equal(historyDays(undefined, {}), 30)
  t.equal(historyDays(7, {}), 7)
  t.equal(historyDays(0, {}), 0)
  t.equal(historyDays(7, { DASY_HISTORY_DAYS: '0' }), 0)
  t.equal(historyDays(7, { DASY_HISTORY_DAYS: '' }), 7)
  for (const text of ['-1', 'x', '1.5', '1e3', ' 7'])
    t.throws(() => historyDays(7, { DASY_HISTORY_DAYS: text }), { code: 'BAD_OPTION', exitStatus: 2 }, text)
  t.throws(() => historyDays(-1, {}), { code: 'BAD_OPTION' })
})
