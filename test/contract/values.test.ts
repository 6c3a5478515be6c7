/** The values of options: what is valid, and what an error says. */
import t from 'tap'
import { NO_QUOTE, parseDialect, parseNullWord } from '../../lib/contract/dialect-options.js'
import { requireKnownOptions } from '../../lib/contract/known-options.js'
import { displayName, parseTableName } from '../../lib/contract/table-name.js'
import {
  exceeds,
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

const BAD = { code: 'BAD_OPTION', exitStatus: 2 }

t.test('the limit of rejects is a count or a percentage', async (t) => {
  t.same(parseLimit('--max-rejects', 3), { count: 3, percent: undefined })
  t.same(parseLimit('--max-rejects', ' 12 '), { count: 12, percent: undefined })
  t.same(parseLimit('--max-rejects', '0.5%'), { count: undefined, percent: 0.5 })
  for (const limit of ['', '1.5', '101%', '-1', 'few', '1e3'])
    t.throws(() => parseLimit('--max-rejects', limit), BAD, limit)
})

t.test('a percentage is exact', async (t) => {
  const percent = (text: string) => parseLimit('--max-deletes', text)
  t.notOk(exceeds(percent('0.1%'), 3, 3000))
  t.ok(exceeds(percent('0.1%'), 3, 2999))
  t.notOk(exceeds(percent('29%'), 29, 100), '0.29 * 100 is 28.999999999999996')
  t.notOk(exceeds(percent('10%'), 0, 0))
  t.ok(exceeds(percent('0%'), 1, 1_000_000))
  t.notOk(exceeds(percent('100%'), 7, 7))
  t.notOk(exceeds(parseLimit('--max-deletes', 3), 3, 3))
  t.ok(exceeds(parseLimit('--max-deletes', 3), 4, 1_000_000))
})

t.test('sizes', async (t) => {
  t.equal(parseMaxRecord('1k'), 1024)
  t.equal(parseMaxRecord('16MiB'), 16 * 1024 ** 2)
  t.equal(parseMaxRecord('16 MB'), 16_000_000)
  t.equal(parseMaxSize(5), 5)
  t.equal(parseMaxSize('256TiB'), 2 ** 48)
  t.equal(parseWorkMem('1GB'), 1024 ** 2, 'units of PostgreSQL are powers of 1024')
  for (const size of ['1023', '513MiB', '64 miles', '', '1.5MiB'])
    t.throws(() => parseMaxRecord(size), BAD, size)
  for (const size of ['0', '257TiB']) t.throws(() => parseMaxSize(size), BAD, size)
  for (const size of ['128', '63kB', '2048GB']) t.throws(() => parseWorkMem(size), BAD, size)
})

t.test('columns and types are lists', async (t) => {
  t.same(parseColumns('--key', 'sku, name'), ['sku', 'name'])
  t.same(parseColumns('--key', ['a,b']), ['a,b'], 'a list may have names with commas')
  for (const list of ['', 'sku,', 'sku,sku']) t.throws(() => parseColumns('--key', list), BAD, list)
  t.same(parseTypes('price:numeric(10,2), stock : int'), { price: 'numeric(10,2)', stock: 'int' })
  for (const list of ['price', 'a:int,a:text', ':int']) t.throws(() => parseTypes(list), BAD, list)
})

t.test('numbers and durations', async (t) => {
  t.equal(parseCount('RUN', '12'), 12)
  for (const run of ['0', 'last', 1.5, -1, undefined]) t.throws(() => parseCount('RUN', run), BAD, `${run}`)
  t.equal(parseAge('--older-than', '7d'), 604_800)
  t.equal(parseAge('--older-than', 30), 30)
  for (const age of ['7', '7w', '-1s']) t.throws(() => parseAge('--older-than', age), BAD, age)
  const range = { ...BAD, message: '--workers "0": must be a whole number from 1 to 256' }
  t.throws(() => wholeNumber('--workers', 0, 1, 256), { ...range, details: { option: '--workers' } })
  const open = { ...BAD, message: '--range-size "0": must be a whole number from 1 on' }
  t.throws(() => wholeNumber('--range-size', 0, 1, Number.MAX_SAFE_INTEGER), open)
})

t.test('the name of a table', async (t) => {
  const cases: [string, string | undefined, string][] = [
    ['products', undefined, 'products'],
    ['shop.products', 'shop', 'products'],
    ['"a.b"', undefined, 'a.b'],
    ['shop."say ""hi"""', 'shop', 'say "hi"'],
  ]
  for (const [text, schema, name] of cases) {
    t.same(parseTableName(text), { schema, name }, text)
    t.equal(displayName({ schema, name }), text, 'it is shown as it can be given again')
  }
  for (const text of [
    '',
    'a.b.c',
    '.a',
    'a.',
    '"',
    't'.repeat(64),
    'ä'.repeat(32),
    'dasy.runs',
    'dasy_queue.jobs',
  ])
    t.throws(() => parseTableName(text), BAD, text)
  t.equal(displayName({ schema: ' a', name: 'B c' }), '" a".B c')
})

t.test('the dialect', async (t) => {
  t.same(parseDialect({}), { delimiter: undefined, quote: undefined, escape: undefined })
  t.same(parseDialect({ delimiter: 'tab', quote: 'none', escape: '\\' }), {
    delimiter: 9,
    quote: NO_QUOTE,
    escape: 92,
  })
  for (const delimiter of ['', '::', 'ä', '\n', 'tabs'])
    t.throws(() => parseDialect({ delimiter }), BAD, delimiter)
  t.throws(() => parseDialect({ delimiter: '|', quote: '|' }), {
    ...BAD,
    message: /must differ from the quote/,
  })
  const dialect = { delimiter: 59, quote: undefined, escape: undefined }
  t.equal(parseNullWord('a,b', dialect), 'a,b')
  t.equal(parseNullWord(undefined, dialect), undefined)
  for (const word of ['', 'a;b', 'a"b', 'a\nb']) t.throws(() => parseNullWord(word, dialect), BAD, word)
})

t.test('an option that a function does not have is refused', async (t) => {
  t.doesNotThrow(() => requireKnownOptions('ingest', { table: 'a', types: 'a:int', existingOnly: false }))
  const cases: [Parameters<typeof requireKnownOptions>[0], object, RegExp][] = [
    ['ingest', { tabel: 'a' }, /"ingest" has no such option; did you mean "table"\?/],
    ['ingest', { existingOnly: true }, /an option of "update"/],
    ['update', { types: { a: 'int' } }, /an option of "ingest"/],
    ['resume', { table: 'a' }, /"resume" has no such option/],
    ['runs', { constructor: 1 }, /"runs" has no such option/],
  ]
  for (const [name, options, message] of cases)
    t.throws(() => requireKnownOptions(name, options), { ...BAD, message }, `${name} ${Object.keys(options)}`)
})
