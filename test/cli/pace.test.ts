import t from 'tap'
import { Pace } from '../../lib/cli/pace.js'

t.test('what an earlier attempt staged is done, but is no speed of this one', async (t) => {
  const pace = new Pace()
  pace.phase('copy', 1000)
  pace.resumed(400, 40)
  t.equal(pace.share, 0.4)
  t.equal(pace.recordsPerSecond, 0)
  t.equal(pace.secondsLeft, undefined)
  pace.advanced(100, 10)
  t.equal(pace.share, 0.5)
  t.equal(pace.records, 50)
  t.ok(pace.recordsPerSecond <= 10 / 0.001)
})

t.test('a merge is measured by what earlier ones took, and is never done before it is', async (t) => {
  const pace = new Pace()
  pace.phase('copy', 1000)
  pace.advanced(1000, 10)
  pace.phase('merge')
  t.equal(pace.share, undefined, 'nobody knows')
  pace.expected(1e6)
  t.ok((pace.share ?? 1) < 0.5 && (pace.secondsLeft ?? 0) > 9e5)
  pace.expected(1e-9)
  t.equal(pace.share, 0.99)
  t.equal(pace.secondsLeft, undefined)
  pace.phase('copy', 10)
  t.equal(pace.share, 0, 'the next attempt begins anew')
})
