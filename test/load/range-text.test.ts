/** The text of a range, from its block or from its source. */
import t from 'tap'
import { RangeText } from '../../lib/load/range-text.js'
import { tooLongReject } from '../../lib/load/too-long.js'
import type { SourcePlan } from '../../lib/ranges/load-plan.js'
import type { Range } from '../../lib/ranges/range.js'

const CONTENT = Buffer.from('x'.repeat(600_000))
const reader = {
  read(into: Uint8Array, offset: number): number {
    const part = CONTENT.subarray(offset, offset + into.length)
    into.set(part)
    return part.length
  },
  close() {},
}
const range: Range = {
  source: 0,
  start: 10,
  end: 500_010,
  line: 3,
  nextLine: 4,
  records: 1,
  flagged: false,
  delivered: 500_000,
}
const sources = [{ name: 'a.csv' } as SourcePlan]

function lengths(of: Range, readers: ConstructorParameters<typeof RangeText>[1]): number[] {
  return [...new RangeText(sources, readers).chunksOf(of)].map((chunk) => chunk.length)
}

t.test('a range is read in chunks', async (t) => {
  const chunk = 256 * 1024
  t.same(lengths(range, [reader]), [chunk, 500_000 - chunk])
  t.same(lengths({ ...range, block: Uint8Array.from(CONTENT.subarray(0, 500_000)) }, []), [
    chunk,
    500_000 - chunk,
  ])
})

t.test('a source that has become shorter is no end of the range', async (t) => {
  t.throws(() => lengths({ ...range, end: 700_000 }, [reader]), {
    code: 'SOURCE_CHANGED',
    details: { file: 'a.csv' },
  })
})

t.test('a record that is too long is a reject with its beginning', async (t) => {
  const block = Uint8Array.from(Buffer.from('abc'))
  t.match(tooLongReject({ ...range, block }, 1000), {
    source: 0,
    byte: 10,
    line: 3,
    reason: /too long/,
    complete: false,
    staged: false,
  })
})
