// A sku number as text: two, three or four words with hyphens between.
import { keyFor, mix, permutation } from './random.mjs'
import { WordTable } from './word-table.mjs'
import { words } from './words.mjs'

const HYPHEN = 0x2d

// No word has a hyphen, so different word lists are different skus: it is enough to number the lists.
const PAIRS = words.length ** 2
const TRIPLES = words.length ** 3

/**
 * The numbers are split into a range for each length. About 40 % have two words, 53 % three and 7 % four (as in
 * the original), until half of the pairs are used up: then three and four words take over.
 * @param {number} count
 */
function shareOut(count) {
  const two = Math.min(Math.round(count * 0.4), Math.floor(PAIRS / 2))
  const three = Math.min(count - two - Math.round(count * 0.07), Math.floor(TRIPLES * 0.8))
  return { two, three }
}

/**
 * @param {number} count how many skus there are
 * @param {number} seed
 * @returns {(sku: number, out: Uint8Array, at: number) => number} writes a sku, returns where it ends
 */
export function makeSkuWriter(count, seed) {
  const { two, three } = shareOut(count)
  const table = new WordTable(words)
  const base = table.size
  const pairOf = permutation(PAIRS, keyFor(seed, 'sku of two'))
  const tripleOf = permutation(TRIPLES, keyFor(seed, 'sku of three'))
  const startOf = permutation(TRIPLES, keyFor(seed, 'sku of four'))
  const lastKey = keyFor(seed, 'last of four')

  /**
   * The number's digits are the words.
   * @param {number} number
   * @param {number} digits
   * @param {Uint8Array} out
   * @param {number} at
   */
  const write = (number, digits, out, at) => {
    for (let digit = 1; digit < digits; digit++) {
      at = table.copy(number % base, out, at)
      out[at++] = HYPHEN
      number = Math.floor(number / base)
    }
    return table.copy(number, out, at)
  }

  return (sku, out, at) => {
    if (sku < two) return write(pairOf(sku), 2, out, at)
    if (sku < two + three) return write(tripleOf(sku - two), 3, out, at)
    // The first three words are unique already; any fourth will do.
    const start = startOf(sku - two - three)
    at = write(start, 3, out, at)
    out[at++] = HYPHEN
    return table.copy((mix(lastKey ^ start) >>> 0) % base, out, at)
  }
}
