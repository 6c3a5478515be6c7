import t from 'tap'
import { MissingRanges } from '../../lib/ranges/missing-ranges.js'
import type { PreparedSource } from '../../lib/ranges/prepared-source.js'

const TEXTS = ['k,v\na,1\nb,2\nc,3\n', 'k,v\nd,4\ne,5\n'].map((text) => Buffer.from(text))
const RECORD = 4

/** Files that the workers read by themselves, or streams. */
function prepared(isFile: boolean): PreparedSource[] {
  return TEXTS.map((text, ordinal) => ({
    source: {
      ordinal,
      size: text.length,
      location: isFile ? {} : undefined,
      consumed: 0,
      read: async (into: Uint8Array, offset: number) => text.copy(into, 0, offset),
    },
    format: { dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }, maxRecord: 100 },
    opening: { columns: ['k', 'v'], start: { offset: RECORD, line: 2 } },
  })) as unknown as PreparedSource[]
}

const staged = (source: number, from: number, to: number) => ({
  source,
  start: from * RECORD,
  end: to * RECORD,
  next_line: to + 1,
})

const sizes = { workers: 1, rangeSize: 1 }

async function missing(ranges: MissingRanges): Promise<string[]> {
  const found: string[] = []
  for await (const { source, start, end, line } of ranges) {
    const text = TEXTS[source]?.subarray(start, end).toString().trim()
    found.push(`${source}:${line} ${text}`)
  }
  return found
}

t.test('all records of all sources are missing at first, one source after the other', async (t) => {
  for (const isFile of [true, false]) {
    const ranges = new MissingRanges(prepared(isFile), [], [null, null], sizes)
    t.equal(ranges.isNothing, false)
    t.equal(ranges.stagedBytes, isFile ? 2 * RECORD : 0, 'the headers')
    t.strictSame(await missing(ranges), ['0:2 a,1', '0:3 b,2', '0:4 c,3', '1:2 d,4', '1:3 e,5'])
  }
})

t.test('what an earlier attempt has staged is not', async (t) => {
  const earlier = [staged(0, 1, 2), staged(0, 3, 4), staged(1, 2, 3)]
  for (const isFile of [true, false]) {
    const ends = isFile ? [null, null] : TEXTS.map(({ length }) => length)
    const ranges = new MissingRanges(prepared(isFile), earlier, ends, sizes)
    t.equal(ranges.isNothing, false)
    t.equal(ranges.stagedBytes, isFile ? 5 * RECORD : 0)
    t.strictSame(await missing(ranges), ['0:3 b,2', '1:2 d,4'])
  }
})

t.test('where all of one source is staged, the other is missing', async (t) => {
  const ranges = new MissingRanges(prepared(true), [staged(0, 1, 4)], [null, null], sizes)
  t.equal(ranges.isNothing, false)
  t.strictSame(await missing(ranges), ['1:2 d,4', '1:3 e,5'])
})

t.test('nothing is, where all is staged', async (t) => {
  const earlier = [staged(0, 1, 4), staged(1, 1, 3)]
  const ends = TEXTS.map(({ length }) => length)
  for (const isFile of [true, false]) {
    const ranges = new MissingRanges(prepared(isFile), earlier, ends, sizes)
    t.equal(ranges.isNothing, true)
    t.strictSame(await missing(ranges), [])
  }
  const unknown = new MissingRanges(prepared(false), earlier, [null, null], sizes)
  t.equal(unknown.isNothing, false, 'a stream whose end nobody has seen may go on')
  t.strictSame(await missing(unknown), [])
})
