/** Files and streams are cut into ranges that cover the gaps exactly, each of whole records. */
import t from 'tap'
import { Blocks } from '../../lib/ranges/blocks.js'
import type { Gap } from '../../lib/ranges/gaps.js'
import { planRanges } from '../../lib/ranges/planner.js'
import { isPartial, type Range } from '../../lib/ranges/range.js'
import { DIALECT, memorySource } from '../support/memory-source.js'

const LINES = ['a,1', '"b\n",2', 'c,3', 'd"e,4', 'f,5'].map((line) => `${line}\n`)
const TEXT = LINES.join('')
const whole: Gap = { start: { offset: 0, line: 1 }, end: TEXT.length }

function options(size: number, maxRecord = 100) {
  return { dialect: DIALECT, maxRecord, columns: 2, sizeAt: () => size }
}

async function all(ranges: AsyncIterable<Range>): Promise<Range[]> {
  const list: Range[] = []
  for await (const range of ranges) list.push(range)
  return list
}

const file = (gaps: Gap[], size: number) => all(planRanges(memorySource(TEXT), gaps, options(size)))
const stream = (gaps: Gap[], size: number, maxRecord?: number, text = TEXT) =>
  all(new Blocks(memorySource(text), options(size, maxRecord)).plan(gaps))

for (const [name, plan] of [
  ['a file', file],
  ['a stream', stream],
] as const) {
  t.test(name, async (t) => {
    for (const size of [1, 5, 12, 1000]) {
      const ranges = await plan([whole], size)
      let at = whole.start
      for (const { start, end, line, nextLine } of ranges) {
        t.same({ offset: start, line }, at, `size ${size}: a range begins where the last one ends`)
        at = { offset: end, line: nextLine }
      }
      t.same(at, { offset: TEXT.length, line: 7 }, `size ${size}: the last range ends with the text`)
      t.equal(
        ranges.reduce((sum, { records }) => sum + records, 0),
        5,
        `size ${size}: all records are counted`,
      )
    }
    const flagged = (await plan([whole], 1)).filter((range) => range.flagged)
    t.ok(flagged.length > 0 && flagged.every(({ start, end }) => TEXT.slice(start, end).includes('d"e')))
  })
}

t.test('only gaps are read, and each has its own ranges', async (t) => {
  const gaps = [
    { start: { offset: 4, line: 2 }, end: 11 },
    { start: { offset: 15, line: 5 }, end: TEXT.length },
  ]
  for (const plan of [file, stream]) {
    const ranges = await plan(gaps, 1000)
    t.same(
      ranges.map(({ start, end, line, nextLine, records }) => [start, end, line, nextLine, records]),
      [
        [4, 11, 2, 4, 1],
        [15, TEXT.length, 5, 7, 2],
      ],
    )
  }
})

t.test('the ranges of a stream bring their text', async (t) => {
  for (const { start, end, block } of await stream([whole], 6))
    t.equal(Buffer.from(block ?? []).toString(), TEXT.slice(start, end))
})

t.test('a record that is too long is a range of its own', async (t) => {
  const text = `a,1\n${'x'.repeat(50)},2\nb,3\n`
  const gap = { start: { offset: 0, line: 1 }, end: text.length }
  const ranges = await stream([gap], 10, 20, text)
  const long = ranges.find(({ start }) => start === 4)
  t.match(long, { end: 57, line: 2, nextLine: 3, records: 1, flagged: true })
  t.equal(Buffer.from(long?.block ?? []).toString(), text.slice(4, 57))
  t.match(ranges.at(-1), { start: 57, end: text.length, records: 1, flagged: false })
  const scanned = await all(planRanges(memorySource(text), [gap], options(10, 20)))
  t.equal(
    scanned.reduce((sum, { records }) => sum + records, 0),
    3,
  )
})

t.test('a block may have only the beginning of a range', async (t) => {
  const range = {
    source: 0,
    start: 10,
    end: 20,
    line: 1,
    nextLine: 2,
    records: 1,
    flagged: true,
    delivered: 0,
  }
  t.equal(isPartial(range), false, 'a worker reads it')
  t.equal(isPartial({ ...range, block: new Uint8Array(10) }), false)
  t.equal(isPartial({ ...range, block: new Uint8Array(9) }), true)
})

t.test('buffers of staged ranges are used again', async (t) => {
  const blocks = new Blocks(memorySource(TEXT), options(6))
  const buffers = new Set<ArrayBufferLike>()
  for await (const { block } of blocks.plan([whole])) {
    if (!block) continue
    buffers.add(block.buffer)
    blocks.recycle(block.buffer as ArrayBuffer)
  }
  t.ok(buffers.size <= 3, `${buffers.size} buffers for six records`)
})
