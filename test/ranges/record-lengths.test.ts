import t from 'tap'
import { RecordLengths } from '../../lib/ranges/record-lengths.js'

/** A different order of short and long ones in each block. */
function lengthsOf(count: number): number[] {
  const longest = [1, 127, 128, 16_383, 16_384, 2 ** 21, 2 ** 28, 2 ** 31 - 1]
  return Array.from({ length: count }, (_, index) => longest[(index * index * 31 + index) % 8] as number)
}

t.test('lengths come back in their order, in more than one block, for each reader', async (t) => {
  const expected = lengthsOf(50_000)
  const lengths = new RecordLengths()
  for (const length of expected) lengths.add(length)
  const [one, other] = [lengths.reader(), lengths.reader()]
  const read = expected.map(() => [one(), other()])
  t.strictSame(
    read.map(([each]) => each),
    expected,
  )
  t.strictSame(
    read.map(([, each]) => each),
    expected,
  )
})

t.test('a reader begins before anything is added', async (t) => {
  const lengths = new RecordLengths()
  const next = lengths.reader()
  const expected = lengthsOf(20_000)
  for (const length of expected) lengths.add(length)
  t.strictSame(
    expected.map(() => next()),
    expected,
  )
})
