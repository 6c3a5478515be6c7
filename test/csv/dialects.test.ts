/** The rule for records in any dialect, against the reference of the fuzz test, which goes byte by byte. */
import t from 'tap'
import { type Dialect, type ScanState, scan } from '../../lib/csv/scan.js'
import { place, scanInChunks } from './fuzz/chunks.mjs'
import { Random } from './fuzz/random.mjs'
import { recordsOf } from './fuzz/reference.mjs'

const SEED = Number(process.env.SEED ?? 5)
t.comment(`SEED=${SEED}`)
const start: ScanState = { offset: 0, line: 1 }

function dialect(delimiter: string, quote: string, mark = quote, trim = false): Dialect {
  const [d, q, e] = [delimiter, quote, mark].map((each) => each.charCodeAt(0)) as [number, number, number]
  return { delimiter: d, quote: q, escape: e, trim }
}

const NONE = '\x01'
const STRAY = 'stray quote'
const UNESCAPED = 'unescaped quote'
const OPEN = 'quote never closed'
const backslash = dialect(',', '"', '\\')
const trimmed = dialect(',', '"', '"', true)

// biome-ignore format: a table
const CASES: [name: string, dialect: Dialect, source: string, records: [byte: number, fault?: string][]][] = [
  ['an escaped quote is text', backslash, '"a\\",b"\nc\n', [[0], [8]]],
  ['an escaped escape escapes nothing', backslash, '"a\\\\"\nb\n', [[0], [6]]],
  ['three escapes and a quote', backslash, '"\\\\\\",\n"\nb\n', [[0], [9]]],
  ['an escape behind the opening quote counts, one in front does not', backslash, 'a,\\\n"\\""\nb\n', [[0], [4], [9]]],
  ['outside quotes an escape is text', backslash, 'a\\"b\nc\\\nd\n', [[0, STRAY], [5], [8]]],
  ['a doubled quote is no escape', backslash, '"a""b"\nc\n', [[0, UNESCAPED], [7]]],
  ['… and its first one may close', backslash, '"a,""\n"b"\nc\n', [[0, OPEN], [6], [10]]],
  ['an empty field in quotes', backslash, '"",""\nc\n', [[0], [6]]],
  ['an escape before the end leaves the field open', backslash, 'a\n"b\\"', [[0], [2, OPEN]]],
  ['the escape is text where quotes are doubled', dialect(',', '"'), '"a\\"\nb\n', [[0], [5]]],

  ['a quote behind blanks opens', trimmed, 'a, "b,\nc"\nd\n', [[0], [10]]],
  ['… at the start of a record, and behind tabs', trimmed, ' \t"b\nc"\nd\n', [[0], [8]]],
  ['a quote before blanks closes', trimmed, '"b\n" \t,c\n"d" \ne\n', [[0], [9], [14]]],
  ['blanks, then text: it does not', trimmed, '"b" c"\nd\n', [[0, UNESCAPED], [7]]],
  ['blanks, then a quote: it does not', trimmed, '"b" "c"\nd\n', [[0, UNESCAPED], [8]]],
  ['a quote behind a line break and blanks looks like an opening one', trimmed, '"a\n "b"\nc\n', [[0, OPEN], [3], [8]]],
  ['without trim a blank is text', dialect(',', '"'), 'a, "b\nc"\nd\n', [[0, STRAY], [6, STRAY], [9]]],
  ['a delimiter is no blank', dialect('\t', '"', '"', true), 'a\t \t"b\n"\t\nc\n', [[0], [10]]],
  ['a line of blanks is a blank line', trimmed, 'a\n \t\n  ', [[0]]],
  ['never meant: an escaped quote in a line is stray by itself', backslash, '1,2\n1,"G\n2,\\"\n3,5" p"\n', [[0], [4, UNESCAPED]]],
  ['… doubled ones of another dialect are as well', backslash, '1,2\n1,"G\n2,p\n3,5" p"\n', [[0], [4, OPEN], [9], [13, STRAY]]],
  ['never meant: blanks around fields that close', trimmed, '1,2\n1,"G\n2, "" \n3,5" p"\n', [[0], [4, OPEN], [9], [16, STRAY]]],
  ['never meant: blanks in surplus fields', trimmed, '1,2\n1,"G\n2,p, ,\n3,5" p"\n', [[0], [4, OPEN], [9], [16, STRAY]]],
  ['a record of blanks and delimiters is none', trimmed, 'a,b\n , ,\t\n,c\n', [[0], [10]]],
  ['a quote never closed, and blanks', trimmed, '"a \nb \n', [[0, OPEN], [4]]],

  ['without quotes all of them are text', dialect('\t', NONE), 'a"\t"b\n"\n"c"\t\'\n', [[0], [6], [8]]],
  ['another quote', dialect('|', "'"), "'a|\n''b'|\"\n\"c\n", [[0], [11]]],
]

t.test('each case', async (t) => {
  for (const [name, dialect, source, records] of CASES) {
    const bytes = Buffer.from(source)
    const expected = records.map(([byte, fault]) => [byte, fault])
    const read = recordsOf(bytes, dialect).map(({ byte, fault }) => [byte, fault])
    t.strictSame(read, expected, `${name}: the reference`)
    const places = recordsOf(bytes, dialect).map(place)
    for (let n = 0; n < 5; n += 1) {
      t.strictSame(scanInChunks(bytes, new Random(SEED, n), dialect), places, name)
    }
  }
})

const DELIMITERS = [',', ';', '\t', '|', ' ', ':', '^', '\x1f', '0', '\\']
const QUOTES = ['"', "'", '`', NONE]

function anyDialect(random: Random): Dialect {
  const [delimiter, quote] = [random.pick(DELIMITERS), random.pick(QUOTES)]
  const mark = random.chance(50) && delimiter !== '\\' ? random.pick(['\\', '/']) : quote
  return dialect(delimiter, quote, mark, random.chance(50))
}

function garbage(random: Random, { delimiter, quote, escape: mark }: Dialect): Buffer {
  const special = [delimiter, quote, quote, mark].map((byte) => String.fromCharCode(byte))
  const text = random.pick([
    [...special, '\n', 'a', 'a'],
    [...special, ' ', '\n', 'a'],
    [...special, ' ', '\t', '\r', '\n', '\\', '.', '"', "'"],
  ])
  return Buffer.from(
    Array.from({ length: random.below(random.pick([12, 40, 90])) }, () => random.pick(text)).join(''),
  )
}

t.test('all ways through garbage agree with the reference', async (t) => {
  for (let round = 0; round < 6000; round += 1) {
    const random = new Random(SEED, round)
    const dialect = anyDialect(random)
    const bytes = garbage(random, dialect)
    const columns = random.between(1, 3)
    const expected = recordsOf(bytes, dialect, columns).map(place)
    const found = scanInChunks(bytes, random, dialect, columns)
    if (found.join() !== expected.join())
      return t.strictSame(found, expected, JSON.stringify([round, columns, dialect, bytes.toString()]))
  }
  t.pass()
})

/** @param least how many bytes it hands in at first, each time */
function scanLimited(
  bytes: Buffer,
  dialect: Dialect,
  maxRecord: number,
  columns: number,
  least: () => number,
): string[] {
  const found: string[] = []
  let size = least()
  for (let at = start; at.offset < bytes.length || at.skipping; ) {
    const chunk = bytes.subarray(at.offset, at.offset + size)
    const final = at.offset + chunk.length === bytes.length
    const options = { dialect, maxRecord, columns, final, stopAt: at.offset + 1 }
    const { state, records, fault, irregular } = scan(chunk, at, options)
    if (state === at && (final || size >= 2 * maxRecord + 2))
      throw new Error(`the scan stops at ${at.offset}`)
    if (!state.skipping && state !== at)
      found.push(
        `${JSON.stringify(at.skipping ?? { offset: at.offset, line: at.line })} ${records} ${fault} ${irregular}`,
      )
    size = state === at ? size + 1 : least()
    at = state
  }
  return found
}

t.test('where chunks end does not matter to records that may be too long', async (t) => {
  for (let round = 0; round < 4000; round += 1) {
    const random = new Random(SEED, -1 - round)
    const dialect = anyDialect(random)
    const bytes = garbage(random, dialect)
    const maxRecord = random.between(1, 12)
    const columns = random.between(1, 3)
    const atOnce = scanLimited(bytes, dialect, maxRecord, columns, () => bytes.length)
    const inChunks = scanLimited(bytes, dialect, maxRecord, columns, () => random.between(1, 6))
    if (atOnce.join() !== inChunks.join())
      return t.strictSame(
        inChunks,
        atOnce,
        JSON.stringify([round, maxRecord, columns, dialect, bytes.toString()]),
      )
  }
  t.pass()
})
