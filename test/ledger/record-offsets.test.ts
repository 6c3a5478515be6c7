import t from 'tap'
import { recordsBetween } from '../../lib/csv/records.js'
import { RecordOffsets, readRecordOffsets } from '../../lib/ledger/record-offsets.js'
import type { SourcePlan } from '../../lib/ranges/load-plan.js'
import { Random } from '../csv/fuzz/random.mjs'

const plan = {
  dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false },
  maxRecord: 30_000,
  columns: 2,
} as unknown as SourcePlan

function roundTrip(text: string, start: number, line: number): { byte: number; line: number }[] {
  const source = Buffer.from(text)
  const read = readerOf(source, start)
  const written = new RecordOffsets().of({ start, end: start + source.length, line }, plan, read)
  return [...readRecordOffsets(written, { byte: start, line })]
}

function readerOf(source: Buffer, start: number): (into: Uint8Array, offset: number) => void {
  return (into, offset) => source.copy(into, 0, offset - start, offset - start + into.length)
}

t.test('where records begin is read as it was written', async (t) => {
  const far = 2 ** 45
  const long = 'x'.repeat(20_000)
  const cases: [string, string, number, number, [number, number][]][] = [
    ['one record', 'a,b\n', 0, 1, [[0, 1]]],
    [
      'three line ends',
      'a\nb\r\nc\rd',
      10,
      2,
      [
        [10, 2],
        [12, 3],
        [15, 4],
        [17, 5],
      ],
    ],
    [
      'a line end in quotes',
      '"a\nb",c\nd\n',
      0,
      1,
      [
        [0, 1],
        [8, 3],
      ],
    ],
    [
      'a doubled quote',
      '"a""\n"\nd\n',
      0,
      1,
      [
        [0, 1],
        [7, 3],
      ],
    ],
    [
      'a distance of several bytes',
      `${long}\nb\n`,
      0,
      1,
      [
        [0, 1],
        [20_001, 2],
      ],
    ],
    [
      'far into a source',
      'a\nb\n',
      far,
      7,
      [
        [far, 7],
        [far + 2, 8],
      ],
    ],
    [
      'more records than were announced',
      'a\n'.repeat(50),
      0,
      1,
      Array.from({ length: 50 }, (_, at) => [2 * at, at + 1]),
    ],
  ]
  for (const [name, text, start, line, expected] of cases)
    t.same(
      roundTrip(text, start, line),
      expected.map(([byte, at]) => ({ byte, line: at })),
      name,
    )
})

t.test('records of any form are where they are when each is read by itself', async (t) => {
  const parts = ['a', ',', '"', '""', '\n', '\r\n', '\r', '\\.', '"a\nb"', 'b,c\n', 'x'.repeat(20_000)]
  for (let round = 0; round < 300; round += 1) {
    const random = new Random(13, round)
    const text = Array.from({ length: random.between(1, 400) }, () => random.pick(parts)).join('')
    const source = Buffer.from(text)
    const options = { ...plan, read: readerOf(source, 5) }
    const expected = [...recordsBetween({ offset: 5, line: 3 }, 5 + source.length, options)]
    const found = roundTrip(text, 5, 3)
    t.same(
      found,
      expected.map(({ byte, line }) => ({ byte, line })),
      `round ${round}`,
    )
  }
})
