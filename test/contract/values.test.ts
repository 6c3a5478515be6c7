/** How the values of options are spelled, and what is refused by the name of its flag. */
import t, { type Test } from 'tap'
import { NO_QUOTE, parseDialect, parseNullWord } from '../../lib/contract/dialect-options.js'
import { displayName, parseTableName } from '../../lib/contract/table-name.js'
import {
  oneOf,
  parseAge,
  parseColumns,
  parseCount,
  parseLimit,
  parseMaxRecord,
  parseMaxSize,
  parseTypes,
  parseWorkMem,
  wholeNumber,
} from '../../lib/contract/values.js'

interface Cases<Value, Parsed> {
  readonly parse: (value: Value) => Parsed
  /** What the error names. */
  readonly option: string
  readonly good: readonly (readonly [Value, Parsed])[]
  readonly bad: readonly Value[]
}

function check<Value, Parsed>(t: Test, { parse, option, good, bad }: Cases<Value, Parsed>): void {
  for (const [value, parsed] of good) t.strictSame(parse(value), parsed, `${option} ${JSON.stringify(value)}`)
  for (const value of bad) {
    const error = { code: 'BAD_OPTION', exitStatus: 2, details: { option } }
    t.throws(() => parse(value), error, `${option} ${JSON.stringify(value)}`)
  }
}

t.test('a limit of rejects is a count or a percentage', async (t) => {
  const count = (number: number) => ({ count: number, percent: undefined })
  const percent = (number: number) => ({ count: undefined, percent: number })
  check(t, {
    parse: parseLimit,
    option: '--max-rejects',
    good: [
      [0, count(0)],
      ['12', count(12)],
      [' 7 ', count(7)],
      ['0.5%', percent(0.5)],
      ['100%', percent(100)],
    ],
    bad: ['', '-1', '1.5', '101%', '5 %', 'few', '1e3', Number.NaN, -1, 1.5],
  })
})

t.test('sizes have units', async (t) => {
  check(t, {
    parse: parseMaxRecord,
    option: '--max-record',
    good: [
      [1024, 1024],
      ['1KiB', 1024],
      ['1k', 1024],
      ['2 kB', 2000],
      ['64MiB', 64 * 1024 ** 2],
      ['16MB', 16_000_000],
      ['512m', 512 * 1024 ** 2],
    ],
    bad: ['1023', '513MiB', '1GiB', '1.5MB', '5 parsecs', '', '-1MB', Number.POSITIVE_INFINITY],
  })
  check(t, {
    parse: parseMaxSize,
    option: '--max-size',
    good: [
      [1, 1],
      ['50GB', 50e9],
      ['256TiB', 2 ** 48],
    ],
    bad: [0, '0', '257TiB', 'all'],
  })
  check(t, {
    parse: parseWorkMem,
    option: '--work-mem',
    good: [
      ['64kB', 64],
      ['64 mb', 65_536],
      ['2047GB', 2047 * 1024 ** 2],
    ],
    bad: ['63kB', '2048GB', '64', '64MiB', ''],
  })
})

t.test('columns are a list without repetition', async (t) => {
  check<string | string[], string[]>(t, {
    parse: (columns) => parseColumns('--key', columns),
    option: '--key',
    good: [
      ['sku', ['sku']],
      ['sku, name', ['sku', 'name']],
      [
        ['a,b', ' c '],
        ['a,b', 'c'],
      ],
    ],
    bad: ['', 'a,', 'a,,b', 'a,a', [], ['a', ' a']],
  })
})

t.test('types may have commas in parentheses', async (t) => {
  check<string | Record<string, string> | undefined, Record<string, string>>(t, {
    parse: parseTypes,
    option: '--types',
    good: [
      [undefined, {}],
      ['price:numeric(10,2), stock : int', { price: 'numeric(10,2)', stock: 'int' }],
      ['a:b:text', { 'a:b': 'text' }],
      [{ 'a,b': 'int' }, { 'a,b': 'int' }],
    ],
    bad: ['price', 'price:', ':int', 'a:int,a:text', 'a:int,'],
  })
})

t.test('times, counts and choices', async (t) => {
  check<string | number, number>(t, {
    parse: (age) => parseAge('--older-than', age),
    option: '--older-than',
    good: [
      [5, 5],
      ['90s', 90],
      ['30m', 1800],
      ['12h', 43_200],
      ['7d', 604_800],
    ],
    bad: ['7', 'd', '-1d', '1.5h', '1w', -1, Number.NaN],
  })
  check<unknown, number>(t, {
    parse: (run) => parseCount('RUN', run),
    option: 'RUN',
    good: [
      [1, 1],
      ['12', 12],
    ],
    bad: [0, '0', '-1', 1.5, '1.0', 'last', undefined, 2 ** 53],
  })
  check(t, {
    parse: (number: number) => wholeNumber('--workers', number, 1, 256),
    option: '--workers',
    good: [
      [1, 1],
      [256, 256],
    ],
    bad: [0, 257, 1.5, Number.NaN],
  })
  check(t, {
    parse: (value: string) => oneOf('--duplicates', value, ['last', 'first']),
    option: '--duplicates',
    good: [['first', 'first']],
    bad: ['First', '', 'error'],
  })
})

t.test('a table is one name, or two', async (t) => {
  const table = (name: string, schema?: string) => ({ schema, name })
  const long = 'ä'.repeat(31)
  check(t, {
    parse: (text: string) => parseTableName(text),
    option: '--table',
    good: [
      ['products', table('products')],
      ['a.b', table('b', 'a')],
      ['"a.b"', table('a.b')],
      ['"A ""B"""."c"', table('c', 'A "B"')],
      [`${long}x`, table(`${long}x`)],
    ],
    bad: ['', '.', 'a.', '.b', 'a.b.c', '"a', '""', 'a"b', `${long}xx`, 'dasy.runs', '"dasy_queue".jobs'],
  })
  t.equal(displayName(table('b', 'a')), 'a.b')
  t.equal(displayName(table('b')), 'b')
})

t.test('a character is one of ASCII, or has a name', async (t) => {
  const of = (flag: 'delimiter' | 'quote' | 'escape') => (text: string) =>
    parseDialect({ [flag]: text })[flag]
  check(t, {
    parse: of('delimiter'),
    option: '--delimiter',
    good: [
      [';', 59],
      ['tab', 9],
      ['\\t', 9],
      ['PIPE', 124],
      ['space', 32],
    ],
    bad: ['', ';;', 'é', '\n', '\r', '\0', 'colon', 'constructor'],
  })
  check(t, {
    parse: of('quote'),
    option: '--quote',
    good: [
      ["'", 39],
      ['none', NO_QUOTE],
    ],
    bad: ['tab', ''],
  })
  check(t, { parse: of('escape'), option: '--escape', good: [['\\', 92]], bad: ['none', '""'] })
  t.strictSame(parseDialect({}), { delimiter: undefined, quote: undefined, escape: undefined })
  for (const other of ['quote', 'escape'])
    t.throws(() => parseDialect({ delimiter: ';', [other]: ';' }), {
      code: 'BAD_OPTION',
      details: { option: '--delimiter' },
    })
})

t.test('a word for NULL is no part of the dialect', async (t) => {
  const dialect = parseDialect({ delimiter: ';', quote: "'" })
  check<string | undefined, string | undefined>(t, {
    parse: (word) => parseNullWord(word, dialect),
    option: '--null',
    good: [
      [undefined, undefined],
      ['NULL', 'NULL'],
      ['a,"b', 'a,"b'],
      ['\\N', '\\N'],
    ],
    bad: ['', 'a;b', "it's", 'a\nb', 'a\rb', 'a\0b'],
  })
})
