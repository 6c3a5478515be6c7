import t from 'tap'
import { Backoff } from '../../lib/base/backoff.js'

const DAY_MS = 86_400_000

t.test('delays double up to five seconds, with a jitter of a quarter', async (t) => {
  const backoff = new Backoff(DAY_MS)
  for (const expected of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
    const delay = backoff.next() ?? 0
    t.ok(delay >= 0.75 * expected && delay <= 1.25 * expected, `about ${expected} ms`, { delay })
  }
})

t.test('the server may ask for a longer delay, but not beyond the limit', async (t) => {
  t.equal(new Backoff(DAY_MS).next(60_000), 60_000)
  t.equal(new Backoff(DAY_MS).next(2 * DAY_MS), undefined)
})

t.test('no delay exceeds the limit, and a limit of 0 allows none', async (t) => {
  t.ok((new Backoff(10).next() ?? 0) <= 10)
  t.equal(new Backoff(0).next(), undefined)
})

t.test('after progress the first delay is short again', async (t) => {
  const backoff = new Backoff(DAY_MS)
  for (let retry = 0; retry < 6; retry++) backoff.next()
  backoff.reset()
  t.ok((backoff.next() ?? 0) <= 125)
})
