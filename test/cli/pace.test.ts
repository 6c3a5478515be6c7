import t from 'tap'
import { Pace } from '../../lib/cli/pace.js'

t.test('what an earlier attempt staged is done, but does not count for the speed', async (t) => {
  const pace = new Pace()
  pace.take({ type: 'phase', phase: 'copy', totalBytes: 1000 })
  pace.take({ type: 'resumed', bytes: 400, records: 40 })
  t.equal(pace.share, 0.4)
  t.equal(pace.recordsPerSecond, 0)
  t.equal(pace.secondsLeft, undefined)
  pace.take({ type: 'progress', bytes: 100, records: 10 })
  t.equal(pace.share, 0.5)
  t.equal(pace.records, 50)
  t.ok(pace.recordsPerSecond <= 10 / 0.001)
})

t.test('a merge is measured by earlier ones, and is never done before it is', async (t) => {
  const pace = new Pace()
  pace.take({ type: 'phase', phase: 'copy', totalBytes: 1000 })
  pace.take({ type: 'progress', bytes: 1000, records: 10 })
  pace.take({ type: 'phase', phase: 'merge' })
  t.equal(pace.share, undefined, 'unknown')
  pace.take({ type: 'expected', seconds: 1e6 })
  t.ok((pace.share ?? 1) < 0.5 && (pace.secondsLeft ?? 0) > 9e5)
  pace.take({ type: 'expected', seconds: 1e-9 })
  t.equal(pace.share, 0.99)
  t.equal(pace.secondsLeft, undefined)
  pace.take({ type: 'phase', phase: 'copy', totalBytes: 10 })
  t.equal(pace.share, 0, 'the next attempt starts from zero')
})
