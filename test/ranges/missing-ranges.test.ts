/** A run that is resumed stages only what is missing. */
import t from 'tap'
import { MissingRanges } from '../../lib/ranges/missing-ranges.js'
import type { PreparedSource } from '../../lib/ranges/prepared-source.js'
import type { Range } from '../../lib/ranges/range.js'
import { DIALECT, LOCATION, memorySource } from '../support/memory-source.js'

const TEXT = 'sku\na\nb\nc\nd\n'

function prepared(ordinal: number, isFile: boolean): PreparedSource {
  const source = memorySource(TEXT, { ordinal, ...(isFile && { location: LOCATION }) })
  const opening = { columns: ['sku'], header: new Uint8Array(), start: { offset: 4, line: 2 } }
  return { source, opening, format: { dialect: DIALECT, maxRecord: 100 } } as unknown as PreparedSource
}

const staged = (source: number, start: number, end: number, next_line: number) => ({
  source,
  start,
  end,
  next_line,
})

async function spans(missing: MissingRanges): Promise<[number, number, number][]> {
  const list: [number, number, number][] = []
  for await (const { source, start, end } of missing as AsyncIterable<Range>) list.push([source, start, end])
  return list
}

const sizes = { workers: 2, rangeSize: 1000 }

t.test('all of a new run', async (t) => {
  const missing = new MissingRanges([prepared(0, true), prepared(1, false)], [], [], sizes)
  t.equal(missing.isNothing, false)
  t.equal(missing.stagedBytes, 4, 'the header of the file is not read again')
  t.same(await spans(missing), [
    [0, 4, 12],
    [1, 4, 12],
  ])
})

t.test('the gaps of a run that is resumed', async (t) => {
  const done = [staged(0, 6, 8, 4), staged(1, 4, 8, 4)]
  const missing = new MissingRanges([prepared(0, true), prepared(1, false)], done, [null, null], sizes)
  t.equal(missing.stagedBytes, 6)
  t.same(await spans(missing), [
    [0, 4, 6],
    [0, 8, 12],
    [1, 8, 12],
  ])
})

t.test('nothing is missing if the end of a stream is known', async (t) => {
  const done = [staged(0, 4, 12, 6)]
  t.equal(new MissingRanges([prepared(0, true)], done, [], sizes).isNothing, true)
  t.equal(new MissingRanges([prepared(0, false)], done, [12], sizes).isNothing, true)
  const unknown = new MissingRanges([prepared(0, false)], done, [null], sizes)
  t.equal(unknown.isNothing, false)
  t.same(await spans(unknown), [], 'it is read to find its end')
})
