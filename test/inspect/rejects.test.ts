import t from 'tap'
import { RejectTally } from '../../lib/inspect/rejects.js'

const at = (line: number, byte: number) => () => ({ line, byte })

t.test('rejects are counted by the kind of their reason, the largest first', async (t) => {
  const tally = new RejectTally()
  tally.add(0, 'stray quote', 0, at(1, 0))
  tally.add(0, 'too few fields: 1 of 3', 10, at(2, 10))
  tally.add(0, 'too few fields: 2 of 3', 20, at(3, 20))
  t.equal(tally.count, 3)
  t.strictSame(Object.entries(tally.reasons), [
    ['too few fields', 2],
    ['stray quote', 1],
  ])
})

t.test('the first ten are kept in the order of the sources', async (t) => {
  const tally = new RejectTally()
  let located = 0
  for (const source of [0, 1]) {
    for (let n = 8; n > 0; n -= 1) {
      tally.add(source, 'stray quote', n * 100, () => {
        located += 1
        return { line: n, byte: n * 100 }
      })
    }
  }
  t.strictSame(
    tally.first.map(({ source, line }) => [source, line]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((line) => [0, line]).concat([1, 2].map((line) => [1, line])),
  )
  for (let n = 20; n < 100; n += 1)
    tally.add(1, 'stray quote', n * 100, () => {
      located += 100
      return { line: n, byte: n * 100 }
    })
  t.ok(located < 100, 'a record that cannot be one of them is not located')
  tally.add(2, 'stray quote', 0, () => t.fail('nor one of a later source') as never)
})

t.test('complete records are kept for other dialects, up to a limit', async (t) => {
  const tally = new RejectTally()
  const record = Buffer.alloc(300_000)
  tally.keep(0, { reason: 'stray quote', record: Buffer.from('a'), complete: true })
  tally.keep(0, { reason: 'record too long', record, complete: false })
  for (let n = 0; n < 10; n += 1) tally.keep(1, { reason: 'stray quote', record, complete: true })
  t.equal(tally.keptOf(0).length, 1)
  t.equal(tally.keptOf(1).length, 4)
})
