/**
 * How fast lib/csv/scan.ts is, compiled, on one core. After `npm run build`:
 *
 *     node bench/scan.mjs [FILE.csv]
 *
 * FILE's records, or made-up products, are repeated to 90 MB: CRLF record ends, and in three records of five a
 * quoted text with line breaks, about 180 bytes a record. The other input is short quoted fields only. Both are
 * scanned in chunks of 1 MiB; the best of several passes counts. The goals are 1 and 0.3 GB/s.
 *
 * Ways to find the next quote or line end that were tried, in GB/s (Node 20, AMD EPYC, a busy machine):
 *
 *                                                     products   short fields
 *     byte by byte                                      0.64        0.38
 *     byte by byte, table look-up                       0.85        0.43
 *     byte by byte, loop unrolled four times            1.14        0.42
 *     words of four bytes, from the first boundary on   1.97        0.31
 *     four bytes, then words; LF and CR tested exactly  1.70        0.44
 *     four bytes, then words; below 14 instead          1.99        0.44   <- lib/csv/special-bytes.ts
 *
 * Buffer.indexOf counts the products' quotes alone at 9 GB/s but those of short fields at 0.25, and line ends must
 * be counted too. Without `| 0` on what the loop of the scan reads from fields, short fields lose a fifth.
 */
import { readFileSync } from 'node:fs'
import { scan } from '../dist/csv/scan.js'

const SIZE = 90e6
const CHUNK = 2 ** 20
const PASSES = 8
const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

/** @param {string} text */
function repeated(text) {
  const once = Buffer.from(text.endsWith('\n') ? text : `${text}\r\n`, 'latin1')
  return Buffer.concat(Array.from({ length: Math.ceil(SIZE / once.length) }, () => once))
}

/** @param {number} n */
function product(n) {
  const sentence = (/** @type {number} */ words) => `${'Former stock thing '.repeat(words).trim()}.`
  const lines = Array.from({ length: 1 + (n % 3) }, (_, line) => sentence(2 + ((n * 7 + line * 3) % 5)))
  const description = n % 5 < 3 ? `"${lines.join(' Only,\n')}"` : sentence(2 + (n % 11))
  return `Bryce Jones ${n},lay-raise-best-end-${n},${description}\r\n`
}

/** @param {Buffer} source */
function pass(source) {
  /** @type {import('../dist/csv/scan.js').ScanState} */
  let state = { offset: 0, line: 1 }
  let records = 0
  while (state.offset < source.length) {
    const end = Math.min(state.offset + CHUNK, source.length)
    const options = { dialect, stopAt: Infinity, final: end === source.length, maxRecord: 64 * CHUNK }
    const scanned = scan(source.subarray(state.offset, end), state, options)
    records += scanned.records
    state = scanned.state
  }
  return { records, lines: state.line - 1 }
}

/** @param {string} name @param {Buffer} source */
function measure(name, source) {
  let best = Infinity
  let found = pass(source)
  for (let n = 0; n < PASSES; n += 1) {
    const began = performance.now()
    found = pass(source)
    best = Math.min(best, performance.now() - began)
  }
  const speed = (source.length / best / 1e6).toFixed(2)
  const size = (source.length / found.records).toFixed(0)
  console.log(
    `${name.padEnd(14)} ${speed} GB/s  ${found.records} records of ${size} bytes, ${found.lines} lines`,
  )
}

const file = process.argv[2]
const products = file
  ? readFileSync(file, 'latin1').replace(/^.*\r?\n/, '')
  : Array.from({ length: 1000 }, (_, n) => product(n)).join('')
measure('products', repeated(products))
measure('short fields', repeated('"ab","cde","f"\r\n'.repeat(1000)))
