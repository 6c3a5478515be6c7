/** Ranges and records that are larger than what is read of a source at a time. */
import t from 'tap'
import { Blocks } from '../../lib/ranges/blocks.js'
import { planRanges } from '../../lib/ranges/planner.js'
import type { Range } from '../../lib/ranges/range.js'
import { DIALECT, memorySource } from '../support/memory-source.js'

/** Bytes. */
const LARGE = 3_000_000

async function cut(way: 'file' | 'stream', text: string, size: number): Promise<Range[]> {
  const options = { dialect: DIALECT, maxRecord: 20, columns: 2, sizeAt: () => size }
  const gaps = [{ start: { offset: 0, line: 1 }, end: text.length }]
  const source = memorySource(text)
  const ranges: Range[] = []
  const planned = way === 'file' ? planRanges(source, gaps, options) : new Blocks(source, options).plan(gaps)
  for await (const range of planned) ranges.push(range)
  return ranges
}

const sum = (ranges: readonly Range[], what: 'records' | 'delivered') =>
  ranges.reduce((total, range) => total + range[what], 0)

for (const way of ['file', 'stream'] as const) {
  t.test(`a ${way} in large ranges`, async (t) => {
    const records = LARGE / 4
    const text = `"d"x,4\n${'a,1\n'.repeat(records)}`
    const ranges = await cut(way, text, 0.7 * LARGE)
    t.equal(sum(ranges, 'records'), records + 1)
    t.equal(sum(ranges, 'delivered'), text.length)
    t.equal(ranges.at(-1)?.nextLine, records + 2)
    t.strictSame(
      ranges.map(({ flagged }) => flagged),
      [true, false],
      'a bad record flags its range, wherever it is in it',
    )
  })

  t.test(`a ${way} with a record that is too long`, async (t) => {
    const text = `a,1\nb,${'x'.repeat(way === 'file' ? LARGE : 100_000)}\nc,3\n`
    for (const size of [1, 50]) {
      const ranges = await cut(way, text, size)
      t.equal(sum(ranges, 'records'), 3)
      t.equal(sum(ranges, 'delivered'), text.length)
      const flagged = ranges.filter((range) => range.flagged).map(({ end, nextLine }) => [end, nextLine])
      t.strictSame(flagged, [[text.length - 4, 3]])
      for (const { start, end, block = new Uint8Array() } of ranges) {
        t.ok([0, 4, text.length - 4].includes(start), `a record begins at ${start}`)
        const held = text.slice(start, Math.min(end, start + block.length))
        t.ok(Buffer.from(block).equals(Buffer.from(held)), 'a block holds its bytes')
      }
    }
  })
}
