// Well-formed files in every usual dialect, with what they say and what a user would tell of them.

/** @import { Random } from '../fuzz/random.mjs' */

const WORDS =
  'red blue large small light heavy shoe lamp table chair Müller café garden tool night day paper glass steel wood'.split(
    ' ',
  )

/** @param {Random} random */
const word = (random) => random.pick(WORDS)

/** @param {Random} random @param {number} least @param {number} most @param {string} between */
const words = (random, least, most, between = ' ') =>
  Array.from({ length: random.between(least, most) }, () => word(random)).join(between)

/** @param {Random} random */
const prose = (random) =>
  words(random, 1, 3) +
  random.pick([', ', '; ', ' - ', ': ', ' & ', ' | ', ' / ', '. ']) +
  words(random, 1, 4)

/**
 * What a column holds.
 * @type {Record<string, (random: Random, row: number) => string>}
 */
const COLUMNS = {
  number: (random) => String(random.below(100_000)),
  price: (random) => `${random.below(500)}.${random.between(10, 99)}`,
  'price, EUR': (random) => `${random.below(500)},${random.between(10, 99)}`,
  thousands: (random) => `${random.between(1, 9)}.${random.between(100, 999)},${random.between(10, 99)}`,
  day: (random) => `2024-0${random.between(1, 9)}-${random.between(10, 28)}`,
  'day (German)': (random) => `${random.between(10, 28)}.0${random.between(1, 9)}.2024`,
  time: (random) => `1${random.below(10)}:${random.between(10, 59)}:00`,
  colour: word,
  title: (random) => words(random, 1, 4),
  note: prose,
  description: (random) => Array.from({ length: random.between(1, 4) }, () => prose(random)).join('. '),
  lines: (random) => Array.from({ length: random.between(1, 3) }, () => prose(random)).join('\n'),
  html: (random) => `<p class="${word(random)}">${prose(random)} &amp; ${word(random)}</p>`,
  json: (random) => JSON.stringify({ [word(random)]: random.below(10), list: [word(random), word(random)] }),
  url: (random) => `https://shop.example/${word(random)}?id=${random.below(99)}&amp;c=${word(random)};s=1`,
  said: (random) =>
    random.pick([
      `it's ${word(random)}`,
      `'${words(random, 1, 2)}'`,
      `rock 'n' roll`,
      `dogs'`,
      `'til ${word(random)}`,
    ]),
  inches: (random) => `${random.between(1, 9)}" ${word(random)}`,
  quotes: (random) => `${word(random)} "${words(random, 1, 2)}" ${word(random)}`,
  tags: (random) => words(random, 1, 3, random.pick([';', '|', ',', '; ', ', '])),
  sizes: (random) => random.pick(['S|M', 'S|L', 'M|L', 'S|M|L']),
  path: (random) => `C:\\${word(random)}\\${word(random)}`,
  'x;y': (random) => `${random.below(9)};${random.below(9)}`,
  'first, last': (random) => `${word(random)}, ${word(random)}`,
  empty: () => '',
}

const TITLES = [
  'Report of 2025-01-06',
  'Price list',
  'Exported by Müller, Ltd.',
  'Stock: all shops; Berlin',
  '# made by a program',
]

/**
 * @typedef File
 * @property {string} text
 * @property {string[][]} records what it says, without a header
 * @property {string[]} columns
 * @property {boolean} header
 * @property {string[]} key nothing for `--key :row`
 * @property {number} lines in front of the header that are none of it
 * @property {{ delimiter: string, style: string, quoting: string, ragged: number }} dialect
 */

/**
 * @param {Random} random
 * @returns {File}
 */
export function makeFile(random) {
  const delimiter = random.pick([',', ';', '\t', '|'])
  const style = random.pick(['quoted', 'quoted', 'unquoted', 'backslash'])
  const quoting = style === 'unquoted' ? 'none' : random.pick(['needed', 'needed', 'text', 'all'])
  const names = Object.keys(COLUMNS)
  const chosen = new Set(Array.from({ length: random.between(1, 7) }, () => random.pick(names)))
  // Without an escaped quote nobody can know what a backslash means.
  if (style === 'backslash') chosen.add('quotes')
  const columns = ['sku', ...chosen]
  if (random.chance(30)) columns.reverse()
  const header = random.chance(80)
  const rows = random.pick([1, 2, 3, 5, 10, 20, 40, 300])
  const end = random.pick(['\n', '\n', '\r\n'])
  const write = writer(delimiter, style, quoting)
  const said = (/** @type {string} */ name, /** @type {number} */ row) =>
    name === 'sku' ? `${random.pick(['A', 'B', '10'])}${row}` : (COLUMNS[name]?.(random, row) ?? '')
  const records = Array.from({ length: rows }, (_, row) =>
    columns.map((name) => sayable(said(name, row), delimiter, style)),
  )
  const ragged = rows >= 5 && random.chance(10) ? random.between(1, 2) : 0
  for (let left = ragged; left > 0; left -= 1) {
    const record = records[random.below(rows)]
    if (random.chance(50)) record?.push('extra')
    else if (record && record.length > 2) record.pop()
  }
  const named = columns.map((name) => sayable(name, delimiter, style))
  const lines = header && random.chance(8) ? random.between(1, 3) : 0
  const titles = Array.from({ length: lines }, (_, line) =>
    line > 0 && random.chance(40) ? '' : random.pick(TITLES).replaceAll(delimiter, ' '),
  )
  const written = [...titles, ...[...(header ? [named] : []), ...records].map(write)]
  const text = (random.chance(10) ? '\ufeff' : '') + written.join(end) + (random.chance(80) ? end : '')
  const key = random.chance(60) ? ['sku'] : []
  return { text, records, columns: named, header, key, lines, dialect: { delimiter, style, quoting, ragged } }
}

/** What a dialect cannot say is left out of a value. @param {string} value @param {string} delimiter @param {string} style */
function sayable(value, delimiter, style) {
  if (style !== 'unquoted') return value
  const plain = value.replaceAll(delimiter, ' ').replaceAll('\n', ' ')
  // Commas and quotes without any quoting are no CSV.
  return delimiter === ',' ? plain.replaceAll('"', '') : plain
}

/**
 * @param {string} delimiter @param {string} style @param {string} quoting
 * @returns {(record: readonly string[]) => string}
 */
function writer(delimiter, style, quoting) {
  const field = (/** @type {string} */ value) => {
    if (style === 'unquoted') return value
    const isNeeded = [delimiter, '"', '\n', '\r'].some((each) => value.includes(each))
    const isText = quoting === 'text' && !/^[\d.,:-]*$/.test(value)
    if (!isNeeded && quoting !== 'all' && !isText) return value
    const inside = style === 'backslash' ? value.replace(/["\\]/g, '\\$&') : value.replaceAll('"', '""')
    return `"${inside}"`
  }
  return (record) => record.map(field).join(delimiter)
}
