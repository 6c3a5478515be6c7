import t from 'tap'
import { readRecordOffsets, writeRecordOffsets } from '../../lib/ledger/record-offsets.js'
import type { SourcePlan } from '../../lib/ranges/load-plan.js'

const plan = { dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 } } as unknown as SourcePlan

function roundTrip(text: string, start: number, line: number): { byte: number; line: number }[] {
  const block = Buffer.from(text)
  const size = { start, end: start + block.length, delivered: block.length }
  const range = { source: 0, ...size, line, nextLine: 0, records: 1, flagged: false, block }
  const written = writeRecordOffsets(range, plan, () => t.fail('the block is there'))
  return [...readRecordOffsets(written, { byte: start, line })]
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
