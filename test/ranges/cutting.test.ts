/** A source is cut where its records begin, as a file or as a stream, whole or where something is missing. */
import t from 'tap'
import { Blocks } from '../../lib/ranges/blocks.js'
import type { Gap } from '../../lib/ranges/gaps.js'
import { type PlanOptions, planRanges } from '../../lib/ranges/planner.js'
import type { Range } from '../../lib/ranges/range.js'
import type { Source } from '../../lib/source/source.js'

/** Seven records on ten lines: with line ends in quotes, a bad quote, and a blank line. */
const RECORDS = ['a,1\n', 'b,"2\n"\n', 'c,3\r\n', '"d"x,4\n', '\n', 'e,5\n', '"f\n\n",6\n', 'g,7']
const TEXT = Buffer.from(RECORDS.join(''))
const BEGINS = RECORDS.map((_, index) => RECORDS.slice(0, index).join('').length)

/** Bytes: more than are read at a time. */
const LARGE = 3_000_000

const wholeOf = (bytes: Uint8Array): Gap => ({ start: { offset: 0, line: 1 }, end: bytes.length })
const WHOLE = wholeOf(TEXT)

const options = (size: number, maxRecord = 1000): PlanOptions => ({
  dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false },
  maxRecord,
  columns: 2,
  sizeAt: () => size,
})

/** What cutting needs of a source. */
class Text {
  readonly ordinal = 3
  consumed = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    const part = this.#bytes.subarray(offset, offset + into.length)
    into.set(part)
    this.consumed = Math.max(this.consumed, offset + part.length)
    return part.length
  }
}

const text = (bytes: Uint8Array) => new Text(bytes) as unknown as Source

const WAYS = {
  file: (bytes: Uint8Array, gaps: Gap[], plan: PlanOptions) => planRanges(text(bytes), gaps, plan),
  stream: (bytes: Uint8Array, gaps: Gap[], plan: PlanOptions) => new Blocks(text(bytes), plan).plan(gaps),
}

async function all(ranges: AsyncIterable<Range>): Promise<Range[]> {
  const found: Range[] = []
  for await (const range of ranges) found.push(range)
  return found
}

const sum = (ranges: Range[], what: 'records' | 'delivered') =>
  ranges.reduce((total, range) => total + range[what], 0)

/** The lines before an offset, and the one there. */
const lineAt = (offset: number) =>
  TEXT.subarray(0, offset)
    .toString()
    .split(/\r\n|\n/).length

for (const [way, plan] of Object.entries(WAYS)) {
  t.test(
    `a ${way} is cut into ranges that cover it and begin with records, whatever their size`,
    async (t) => {
      for (let size = 1; size <= TEXT.length + 1; size++) {
        const ranges = await all(plan(TEXT, [WHOLE], options(size)))
        t.strictSame(
          ranges.map(({ start }) => start),
          [0, ...ranges.slice(0, -1).map(({ end }) => end)],
          `each begins where the one before ends (${size})`,
        )
        t.equal(ranges.at(-1)?.end, TEXT.length)
        t.ok(ranges.every(({ start }) => BEGINS.includes(start)))
        t.strictSame(
          ranges.map(({ line, nextLine }) => [line, nextLine]),
          ranges.map(({ start, end }) => [lineAt(start), lineAt(end)]),
        )
        t.equal(sum(ranges, 'records'), 7)
        t.equal(sum(ranges, 'delivered'), TEXT.length)
        t.ok(ranges.every(({ source }) => source === 3))
        for (const { start, end, flagged, block } of ranges) {
          if (block) t.ok(TEXT.subarray(start, end).equals(block), 'a block holds its bytes')
          const bad = BEGINS[3] as number
          if (start <= bad && bad < end) t.ok(flagged, 'a bad record flags its range')
        }
      }
    },
  )

  t.test(`of a ${way} only the gaps are cut`, async (t) => {
    const at = (record: number) => BEGINS[record] as number
    const gap = (from: number, to: number) => ({
      start: { offset: at(from), line: lineAt(at(from)) },
      end: at(to),
    })
    const ranges = await all(plan(TEXT, [gap(1, 3), gap(5, 7)], options(1)))
    t.strictSame(
      ranges.map(({ start, end }) => [start, end]),
      [1, 2, 5, 6].map((record) => [at(record), at(record + 1)]),
    )
  })

  t.test(`in a ${way} a record that is too long is one, and the next one begins behind it`, async (t) => {
    const long = Buffer.from(`a,1\nb,${'x'.repeat(way === 'file' ? LARGE : 100_000)}\nc,3\n`)
    for (const size of [1, 50]) {
      const ranges = await all(plan(long, [wholeOf(long)], options(size, 20)))
      t.equal(sum(ranges, 'records'), 3)
      t.equal(ranges.at(-1)?.end, long.length)
      const flagged = ranges.filter((range) => range.flagged).map(({ end, nextLine }) => [end, nextLine])
      t.strictSame(flagged, [[long.length - 4, 3]])
      for (const { start, end, block = new Uint8Array() } of ranges) {
        t.ok([0, 4, long.length - 4].includes(start), `a record begins at ${start}`)
        t.ok(
          long.subarray(start, Math.min(end, start + block.length)).equals(block),
          'a block holds its bytes',
        )
      }
    }
  })

  t.test(`a ${way} is cut where a range is larger than what is read at a time`, async (t) => {
    const records = LARGE / 4
    const long = Buffer.from(`"d"x,4\n${'a,1\n'.repeat(records)}`)
    const ranges = await all(plan(long, [wholeOf(long)], options(0.7 * LARGE)))
    t.equal(sum(ranges, 'records'), records + 1)
    t.strictSame(
      ranges.map(({ flagged }) => flagged),
      [true, false],
    )
    t.equal(ranges.at(-1)?.nextLine, records + 2)
  })
}

t.test('a stream whose end is unknown is cut up to its end', async (t) => {
  const endless = { ...WHOLE, end: Number.POSITIVE_INFINITY }
  const ranges = await all(WAYS.stream(TEXT, [endless], options(5)))
  t.equal(ranges.at(-1)?.end, TEXT.length)
  t.equal(sum(ranges, 'records'), 7)
})

t.test('a buffer is used again when its range is staged', async (t) => {
  const long = Buffer.from('a,1\n'.repeat(1000))
  const blocks = new Blocks(text(long), options(400))
  const buffers = new Set<ArrayBufferLike>()
  for await (const { block } of blocks.plan([wholeOf(long)])) {
    buffers.add((block as Uint8Array).buffer)
    blocks.recycle((block as Uint8Array).buffer as ArrayBuffer)
  }
  t.ok(buffers.size <= 3, `${buffers.size} buffers`)
})
