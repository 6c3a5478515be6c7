import t from 'tap'
import { LARGEST_SOURCE, OFFSET_BITS, positionOf } from '../../lib/base/position.js'

const LARGEST_BIGINT = 2n ** 63n - 1n

t.test('positions are in the order of sources, then of offsets', async (t) => {
  const places: [source: number, offset: number][] = [
    [0, 0],
    [0, 1],
    [0, LARGEST_SOURCE - 1],
    [1, 0],
    [1, 2 ** 32],
    [32_767, LARGEST_SOURCE - 1],
  ]
  const positions = places.map(([source, offset]) => BigInt(positionOf(source, offset)))
  t.same(
    positions.toSorted((a, b) => (a < b ? -1 : 1)),
    positions,
  )
  t.equal(positions.at(-1), LARGEST_BIGINT, 'the last one is the largest bigint of PostgreSQL')
})

t.test('source and offset can be read from a position', async (t) => {
  const position = BigInt(positionOf(5, 123_456_789_012))
  t.equal(position >> BigInt(OFFSET_BITS), 5n)
  t.equal(position & (BigInt(LARGEST_SOURCE) - 1n), 123_456_789_012n)
})
