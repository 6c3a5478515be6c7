// The well-formed files that are damaged: records of real files, and generated ones of all that CSV allows.
import { readFileSync } from 'node:fs'
import { recordsOf } from './reference.mjs'

/**
 * @typedef {object} Material
 * @property {string} name
 * @property {Buffer} bytes
 * @property {string} key the column that is unique
 */

const real = [
  { file: '../../fixtures/products-1000.csv', key: 'sku', most: 150 },
  { file: '../../../examples/job-titles/2019_free_title_data.csv', key: 'title', most: 60 },
].map(({ file, key, most }) => {
  const bytes = readFileSync(new URL(file, import.meta.url))
  const starts = recordsOf(bytes).map((record) => record.byte)
  return { name: file.slice(file.lastIndexOf('/') + 1), key, most, bytes, starts }
})

/** @param {import('./random.mjs').Random} random @returns {Material} */
export function material(random) {
  const made = random.chance(30) ? generated(random) : taken(random)
  return random.chance(3) ? moved(made, random) : made
}

/** What a load reads at a time, in its workers and in the scan. */
const CHUNKS = [256 * 1024, 1024 * 1024]

/**
 * With a record behind the header that is so long that a chunk ends somewhere among the others.
 * @param {Material} material
 * @param {import('./random.mjs').Random} random
 * @returns {Material}
 */
function moved({ name, key, bytes }, random) {
  const [header, first] = recordsOf(bytes)
  const start = first?.byte ?? bytes.length
  const after = random.below(bytes.length - start)
  const [front, back] = [`"`, `"${','.repeat((header?.fields.length ?? 1) - 1)}\n`]
  const length = random.pick(CHUNKS) - start - after - front.length - back.length
  const filler = Buffer.from(front + 'x'.repeat(Math.max(1, length)) + back)
  return {
    name: `${name}, behind ${filler.length} bytes`,
    key,
    bytes: Buffer.concat([bytes.subarray(0, start), filler, bytes.subarray(start)]),
  }
}

/** The header, and records in a row from anywhere in the file. @param {import('./random.mjs').Random} random */
function taken(random) {
  const { name, key, most, bytes, starts } = random.chance(70) ? /** @type {any} */ (real[0]) : real[1]
  const count = random.between(5, most)
  const first = random.between(1, starts.length - count)
  const [begin, end] = [starts[first], starts[first + count] ?? bytes.length]
  const header = bytes.subarray(0, starts[1])
  return {
    name: `${count} records of ${name} from number ${first}`,
    key,
    bytes: Buffer.concat([header, bytes.subarray(begin, end)]),
  }
}

const LINE_ENDS = [['\n'], ['\r\n'], ['\r'], ['\n', '\r\n', '\r']]
const FIELDS = [
  '',
  '""',
  'plain',
  ' spaces ',
  'é 日本語 🎁',
  '\\.',
  '\\N',
  '"a, b"',
  '"""begins"',
  '"ends"""',
  '"in ""the"" middle"',
  '"LF\nin it"',
  '"CR\rin it"',
  '"CRLF\r\n\r\nin it"',
  '"\\.\n\\.\n"',
  '","',
  '"\n"',
  '""""',
]

/** @param {import('./random.mjs').Random} random @returns {Material} */
function generated(random) {
  const ends = random.pick(LINE_ENDS)
  const more = random.below(4)
  const count = random.between(1, 80)
  const names = ['sku', 'name', 'description', 'size'].slice(0, 1 + more)
  const surplus = random.chance(20) ? ','.repeat(random.between(1, 2)) : ''
  const lines = [names.join(',') + (random.chance(70) ? surplus : '')]
  for (let number = 0; number < count; number += 1) {
    const key = more === 0 || random.chance(3) ? random.pick(FIELDS) : `k${random.below(count)}`
    const long = random.chance(1) ? 'long '.repeat(random.between(400, 4000)) : undefined
    const others = Array.from({ length: more }, () => long ?? random.pick(FIELDS))
    const record = [random.chance(10) ? `"${key.replaceAll('"', '""')}"` : key, ...others].join(',')
    lines.push(record + (random.chance(97) ? surplus : random.pick(['', ',', ',,', ',x', ',""'])))
    if (random.chance(5)) lines.push(random.pick(['', ',', ',,,']))
  }
  const text = lines.map((line) => line + random.pick(ends)).join('')
  const bom = random.chance(10) ? '\uFEFF' : ''
  const bytes = Buffer.from(bom + (random.chance(30) ? text.trimEnd() : text))
  return { name: `${count} generated records of ${names.length} columns`, key: 'sku', bytes }
}
