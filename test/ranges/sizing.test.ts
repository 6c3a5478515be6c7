import t from 'tap'
import { rangeSizing, SMALLEST_RANGE, UNDIVIDED } from '../../lib/ranges/sizing.js'

const MIB = 1024 * 1024

t.test('ranges shrink towards the end, between the smallest and the largest', async (t) => {
  const cases: [string, number | undefined, number, number, number][] = [
    // name, size, workers, offset, expected
    ['a large file begins small', 1024 * MIB, 4, 0, MIB / 4],
    ['and grows soon', 1024 * MIB, 4, MIB, MIB],
    ['a large file', 1024 * MIB, 4, 4 * MIB, 2 * MIB],
    ['a share of the rest', 12 * MIB, 4, 3 * MIB, (3 * MIB) / 4],
    ['later', 12 * MIB, 4, 6 * MIB, MIB / 2],
    ['the end', 12 * MIB, 4, 12 * MIB - 1, SMALLEST_RANGE],
    ['a small file is one range', 1000, 4, 0, 1000],
    ['as long as threads would not gain', UNDIVIDED, 4, 0, UNDIVIDED],
    ['so large that there would be too many', 32_768 * MIB, 1, 8 * MIB, 4 * MIB],
    ['an unknown size begins small', undefined, 2, 0, SMALLEST_RANGE],
    ['and grows', undefined, 2, 4 * MIB, MIB],
  ]
  for (const [name, size, workers, offset, expected] of cases)
    t.equal(rangeSizing(size, workers)(offset), expected, name)
  t.equal(rangeSizing(12 * MIB, 4, 777)(5), 777, 'the caller decides')
})
