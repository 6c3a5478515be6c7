import { readdirSync, readlinkSync, truncateSync } from 'node:fs'
import t from 'tap'
import { KeyReader } from '../../lib/csv/key-reader.js'
import { scan } from '../../lib/csv/scan.js'
import { Cut } from '../../lib/ranges/cut.js'
import { MOST_KEYS } from '../../lib/ranges/key-list.js'
import type { Range } from '../../lib/ranges/range.js'
import { ScannedKeys } from '../../lib/ranges/scanned-keys.js'

const DIALECT = { delimiter: 44, quote: 34, escape: 34, trim: false }

interface Chunks {
  readonly chunk: number
  readonly rangeSize: number
}

const WHOLE: Chunks = { chunk: 2 ** 20, rangeSize: 2 ** 20 }

/** Scans a text as the planner does, in chunks and ranges. */
function scanned(text: string, { chunk, rangeSize }: Chunks = WHOLE): { keys: ScannedKeys; ranges: Range[] } {
  const bytes = Buffer.from(text)
  const keys = new ScannedKeys([new KeyReader(DIALECT, [{ index: 0, isInteger: false }])], bytes.length, [
    'text',
  ])
  const ranges: Range[] = []
  let cut = new Cut(0, { offset: 0, line: 1 })
  let at = cut.start
  let length = chunk
  while (at.offset < bytes.length) {
    const some = bytes.subarray(at.offset, at.offset + length)
    const stopAt = cut.start.offset + rangeSize
    const final = at.offset + some.length === bytes.length
    const starts = keys.starts(some.length)
    const passed = scan(some, at, { dialect: DIALECT, maxRecord: 1000, columns: 2, final, stopAt, starts })
    const bytesPassed = passed.state.offset - at.offset
    length = bytesPassed === 0 ? length * 2 : chunk
    keys.add(cut, some.subarray(0, bytesPassed), passed.records)
    cut.add(passed)
    at = passed.state
    if (at.offset < stopAt && at.offset < bytes.length) continue
    ranges.push({ ...cut.at(at), delivered: 0 })
    cut = new Cut(0, at)
  }
  return { keys, ranges }
}

/** The positions that staging gives: the start of the range, and one more for each record that is staged. */
function positions(ranges: readonly Range[], rejected: readonly number[]): (string | undefined)[] {
  let record = 0
  return ranges.flatMap(({ start, records }) => {
    let next = start
    return Array.from({ length: records }, () => (rejected.includes(record++) ? undefined : `${next++}`))
  })
}

/** What a load with these rejects must find, by comparing each record with each other one. */
function expected(keys: readonly string[], rejected: readonly number[], lastWins: boolean): number[] {
  const counts = (record: number) => !rejected.includes(record)
  return keys.flatMap((key, record) => {
    const same = (other: string, at: number) => counts(at) && other === key
    const winner = lastWins ? keys.findLastIndex(same) : keys.findIndex(same)
    return counts(record) && winner !== record ? [record] : []
  })
}

t.test('the losers are found, however the text is cut and whatever was rejected', async (t) => {
  const keys = ['a', 'b', 'c', 'a', 'd', 'b', 'a', 'e', 'a', 'f', 'c']
  const text = keys.map((key, index) => `${index % 2 ? key : `"${key}"`},"x\n""y"""\n`).join('')
  for (const chunks of [WHOLE, { chunk: 7, rangeSize: 1000 }, { chunk: 1000, rangeSize: 25 }]) {
    for (const rejected of [[], [0], [8], [3, 6], [1, 5], [0, 3, 6, 8], [10]]) {
      for (const lastWins of [true, false]) {
        const found = scanned(text, chunks)
        const at = positions(found.ranges, rejected)
        let first = 0
        for (const range of found.ranges) {
          const inRange = rejected.filter((each) => each >= first && each < first + range.records)
          found.keys.staged(
            range,
            inRange.map((each) => each - first),
          )
          first += range.records
        }
        t.equal(found.keys.unusable(rejected.length), 0)
        t.same(
          [...found.keys.losers(lastWins)].flat().sort(),
          expected(keys, rejected, lastWins)
            .map((record) => at[record])
            .sort(),
          `${JSON.stringify(chunks)}, rejected ${rejected}, ${lastWins ? 'last' : 'first'} wins`,
        )
      }
    }
  }
})

t.test('as many keys as there are, in a set that grows', async (t) => {
  const count = 200_000
  const key = (record: number) => `k${record % (count - 1000)}`
  const text = Array.from({ length: count }, (_, record) => `${key(record)},x\n`).join('')
  const { keys } = scanned(text)
  t.equal([...keys.losers(true)].flat().length, 1000)
})

/** Keys of which some are repeated far away, and the records that lose, by a map of all keys. */
function manyKeys(count: number, keyOf: (record: number) => string): { text: string; losers: number[][] } {
  const [first, last, lost] = [new Map<string, number>(), new Map<string, number>(), [[], []] as number[][]]
  const lines: string[] = []
  for (let record = 0; record < count; record += 1) {
    const key = keyOf(record)
    if (first.has(key)) lost[0]?.push(record)
    else first.set(key, record)
    const before = last.get(key)
    if (before !== undefined) lost[1]?.push(before)
    last.set(key, record)
    lines.push(`${key},x`)
  }
  return { text: `${lines.join('\n')}\n`, losers: lost }
}

t.test('more keys than memory holds', async (t) => {
  const count = 2 * MOST_KEYS + 100_000
  const { text, losers } = manyKeys(count, (record) => `k${(record * 7919) % (count - 30_000)}`)
  const { keys, ranges } = scanned(text)
  const at = positions(ranges, [])
  for (const again of [false, true]) {
    keys.finish()
    t.equal(keys.unusable(0), 0)
    for (const [index, lastWins] of [false, true].entries()) {
      const found = [...keys.losers(lastWins)].flat().sort()
      t.equal(found.length, 30_000)
      t.same(found, (losers[index] as number[]).map((record) => at[record]).sort(), `again: ${again}`)
    }
  }
  keys.close()
})

t.test('texts that memory does not hold, and records that were rejected', async (t) => {
  const filler = 'long '.repeat(150)
  const { text } = manyKeys(40_000, (record) => `${filler}${record % 30_000}`)
  const found = scanned(text)
  found.keys.staged(found.ranges[0] as Range, [0])
  found.keys.finish()
  t.equal(found.keys.unusable(1), 0)
  t.equal([...found.keys.losers(true)].flat().length, 9999)
  found.keys.close()
})

t.test('it gives up where a partition has no room, or there is no temporary file', async (t) => {
  const { text } = manyKeys(3 * MOST_KEYS, () => 'k')
  const same = scanned(text).keys
  same.finish()
  t.equal(same.unusable(0), undefined, 'all keys are equal')

  const folder = process.env.TMPDIR
  t.teardown(() => {
    if (folder === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = folder
  })
  process.env.TMPDIR = '/nowhere'
  const many = scanned(manyKeys(MOST_KEYS + 1, (record) => `k${record}`).text).keys
  many.finish()
  t.equal(many.unusable(0), undefined)
})

t.test(
  'a temporary file that became shorter is an error',
  {
    skip: process.platform !== 'linux' && 'there is no /proc',
  },
  async (t) => {
    const { keys } = scanned(manyKeys(MOST_KEYS + 1, (record) => `k${record}`).text)
    t.teardown(() => keys.close())
    keys.finish()
    const files = readdirSync('/proc/self/fd').filter((fd) => isTemporary(`/proc/self/fd/${fd}`))
    t.equal(files.length, 1, 'it is unlinked and open')
    truncateSync(`/proc/self/fd/${files[0]}`, 100)
    t.throws(() => [...keys.losers(true)], { code: 'TEMPORARY_FILE_FAILED', message: /it was truncated/ })
  },
)

/** Whether a file descriptor is that of a temporary file of dasy, which is unlinked. */
function isTemporary(link: string): boolean {
  try {
    return /\/dasy-[-0-9a-f]{36} \(deleted\)$/.test(readlinkSync(link))
  } catch {
    return false
  }
}

t.test('records without a key are counted, unless they were rejected', async (t) => {
  t.equal(scanned('a,x\nb,x\n').keys.unusable(0), 0)
  const found = scanned(`a,x\n,x\n"",y\n${'y'.repeat(3000)}\nb,x\n`, { chunk: 500, rangeSize: 10_000 })
  t.equal(found.keys.unusable(0), 3)
  found.keys.staged(found.ranges[0] as Range, [3])
  t.equal(found.keys.unusable(1), 2)
  t.equal(found.keys.unusable(2), undefined, 'a record was rejected after it was staged')
})

t.test('it gives up where it cannot know', async (t) => {
  const unknown = scanned('a,x\na,x\n')
  unknown.keys.staged(unknown.ranges[0] as Range, undefined)
  t.equal(unknown.keys.unusable(0), undefined, 'which records were rejected is not known')
  t.same([...unknown.keys.losers(true)], [])

  const many = new ScannedKeys([new KeyReader(DIALECT, [{ index: 0, isInteger: false }])], 2 ** 40, ['text'])
  t.ok(many.starts(10))
  many.add(new Cut(0, { offset: 0, line: 1 }), Buffer.from('a,x\n'), 1)
  t.equal(many.starts(10), undefined, 'so many keys have no room')

  const integers = new ScannedKeys([new KeyReader(DIALECT, [{ index: 0, isInteger: true }])], 8, ['integer'])
  const starts = integers.starts(8) as Int32Array
  starts.set([0, 4])
  integers.add(new Cut(0, { offset: 0, line: 1 }), Buffer.from('7,x\n007,x\n'), 2)
  t.equal(integers.unusable(0), undefined, 'integers that may be equal to others with another text')
})

t.test('a record of a stream that is too long is a range of its own', async (t) => {
  const { keys, ranges } = scanned('a,x\na,y\n')
  const range = { ...(ranges[0] as Range), start: 100, end: 5000, records: 1 }
  keys.staged(range, [0])
  t.equal(keys.unusable(1), 0)
  t.same([...keys.losers(true)].flat(), ['0'])
})
