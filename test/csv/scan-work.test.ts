/** How often the scan looks at each byte: a bounded number of times, whatever is wrong with the quotes. */
import t from 'tap'
import { type ScanOptions, type ScanState, scan } from '../../lib/csv/scan.js'
import { Random } from './fuzz/random.mjs'

const SEED = Number(process.env.SEED ?? 6)
t.comment(`SEED=${SEED}`)
const usual = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const backslash = { ...usual, escape: 0x5c }
const trimmed = { ...usual, trim: true }
const UNLIMITED = 2 ** 40
/** Looks a byte. The worst that was found takes 12. */
const MOST = 16

type Options = Pick<ScanOptions, 'dialect' | 'maxRecord' | 'columns'>

/** How many times the scan looks at each byte, on average. */
function looks(bytes: Uint8Array, options: Options, byRecord: boolean): number {
  let looked = 0
  const counted = <Type extends typeof Uint8Array | typeof Int32Array>(type: Type): Type =>
    new Proxy(type, {
      construct: (made, args) =>
        new Proxy(Reflect.construct(made, args), {
          get(array, key) {
            looked += 1
            return Reflect.get(array, key)
          },
        }),
    })
  const real = { Uint8Array, Int32Array }
  Object.assign(globalThis, { Uint8Array: counted(Uint8Array), Int32Array: counted(Int32Array) })
  try {
    let at: ScanState = { offset: 0, line: 1 }
    while (at.offset < bytes.length || at.skipping) {
      const stopAt = byRecord ? at.offset + 1 : UNLIMITED
      at = scan(bytes.subarray(at.offset), at, { ...options, final: true, stopAt }).state
    }
  } finally {
    Object.assign(globalThis, real)
  }
  return looked / bytes.length
}

const CASES: [lines: string, dialect?: typeof usual][] = [
  ['"a\n'],
  ['a,"b\n'],
  ['a,""b\n'],
  ['"",""b\n'],
  ['"""\n""b\n'],
  ['1,"Giant\n2,plain\n3,5" pipe 6"\n'],
  ['1,"Giant\n3,5" pipe 6"\n'],
  ['1,"Giant\n3,5" pipe 6\n'],
  ['1,"Giant\n3,x,5" pipe 6\n'],
  ['1,"Giant\n\n'],
  ['"a\n', backslash],
  ['"\\"\n', backslash],
  ['a,"\\\\\\",\\"b\n', backslash],
  ['"a\n', trimmed],
  [' "" "" b\n', trimmed],
  ['"  \n', trimmed],
]

t.test('quotes that are never closed cost no more than others, however many', async (t) => {
  for (const [lines, dialect = usual] of CASES) {
    const bytes = Buffer.from(lines.repeat(2_000))
    for (const maxRecord of [UNLIMITED, 1000]) {
      for (const columns of [undefined, 2]) {
        const most = Math.max(
          ...[true, false].map((each) => looks(bytes, { dialect, maxRecord, columns }, each)),
        )
        t.ok(most < MOST, `${JSON.stringify(lines)}, up to ${maxRecord}: ${most.toFixed(1)} looks a byte`)
      }
    }
  }
})

const PARTS = ['"', '""', 'a', ',', '\n', '\n', ' ', '\\', '"a', 'a,b\n', 'a,"b\n', '5" x', ',"']

t.test('nor does anything that is repeated', async (t) => {
  for (let round = 0; round < 100; round += 1) {
    const random = new Random(SEED, round)
    const some = (most: number) =>
      Array.from({ length: random.between(1, most) }, () => random.pick(PARTS)).join('')
    const source = some(3) + some(7).repeat(500) + some(3) + some(6).repeat(500)
    const options = {
      dialect: random.pick([usual, backslash, trimmed]),
      maxRecord: random.pick([UNLIMITED, 1000]),
      columns: random.between(1, 3),
    }
    const most = looks(Buffer.from(source), options, random.chance(50))
    if (most > MOST) t.fail(`round ${round}: ${most} looks a byte`, { source: source.slice(0, 100), options })
  }
  t.pass()
})
