// A name number as text: 'Bryce Jones', at times 'Mr. Bryce Jones' or 'Bryce Jones MD'. Files larger than the
// original run out of those and go on with 'Bryce K. Jones', then 'Bryce K. Jones-Cox'.
import { lastNames, men, women } from './names.mjs'
import { keyFor, MAX_SPACE, permutation } from './random.mjs'
import { WordTable } from './word-table.mjs'

const SPACE = 0x20
const HYPHEN = 0x2d
const DOT = 0x2e
const LETTER_A = 0x41
const LETTERS = 26

// As many forms for women as for men, so that the form and the person are independent digits of a number.
const womensForms = 'Mrs. _|Ms. _|Miss _|Dr. _|_ MD|_ DDS|_ PhD|_ DVM|Mrs. _ MD|Ms. _ DDS'.split('|')
const mensForms = 'Mr. _|Mr. _ Jr.|_ Jr.|Dr. _|_ MD|_ DDS|_ PhD|_ DVM|Mr. _ MD|Mr. _ DDS'.split('|')
const forms = [...womensForms, ...mensForms].map((form) => form.split('_'))
const before = new WordTable(forms.map(([text]) => text ?? ''))
const after = new WordTable(forms.map(([, text]) => text ?? ''))

const firsts = new WordTable([...women, ...men])
const lasts = new WordTable(lastNames)

// How many names of each kind there are. Each kind looks different, so no name is of two kinds.
const PLAIN = firsts.size * lasts.size
const TITLED = PLAIN * mensForms.length
const INITIAL = PLAIN * LETTERS
const DOUBLE = Math.min(INITIAL * lasts.size, MAX_SPACE)

/**
 * The numbers are split into a range for each kind. Low numbers are the names that occur often: plain ones.
 * One name in twenty has a title, which makes it one record in thirty, as in the original.
 * @param {number} count
 */
function shareOut(count) {
  const titled = Math.min(Math.round(count * 0.05), Math.floor(TITLED * 0.8))
  const plain = Math.min(count - titled, Math.floor(PLAIN * 0.8))
  const initial = Math.min(count - titled - plain, Math.floor(INITIAL * 0.8))
  return { plain, initial, untitled: count - titled }
}

/**
 * @param {number} count how many names there are
 * @param {number} seed
 * @returns {(name: number, out: Uint8Array, at: number) => number} writes a name, returns where it ends
 */
export function makeNameWriter(count, seed) {
  const { plain, initial, untitled } = shareOut(count)
  const plainOf = permutation(PLAIN, keyFor(seed, 'plain name'))
  const initialOf = permutation(INITIAL, keyFor(seed, 'name with initial'))
  const doubleOf = permutation(DOUBLE, keyFor(seed, 'double name'))
  const titledOf = permutation(TITLED, keyFor(seed, 'name with title'))

  /**
   * @param {number} person
   * @param {number} letter of the initial; none if negative
   * @param {Uint8Array} out
   * @param {number} at
   */
  const write = (person, letter, out, at) => {
    at = firsts.copy(person % firsts.size, out, at)
    out[at++] = SPACE
    if (letter >= 0) {
      out[at++] = LETTER_A + letter
      out[at++] = DOT
      out[at++] = SPACE
    }
    return lasts.copy(Math.floor(person / firsts.size), out, at)
  }

  return (name, out, at) => {
    if (name < plain) return write(plainOf(name), -1, out, at)
    if (name < plain + initial) {
      const number = initialOf(name - plain)
      return write(Math.floor(number / LETTERS), number % LETTERS, out, at)
    }
    if (name < untitled) {
      const number = doubleOf(name - plain - initial)
      const person = Math.floor(number / LETTERS) % PLAIN
      at = write(person, number % LETTERS, out, at)
      out[at++] = HYPHEN
      return lasts.copy(Math.floor(number / INITIAL), out, at)
    }
    const number = titledOf(name - untitled)
    const person = Math.floor(number / mensForms.length)
    const isMan = person % firsts.size >= women.length
    const form = (number % mensForms.length) + (isMan ? womensForms.length : 0)
    at = write(person, -1, out, before.copy(form, out, at))
    return after.copy(form, out, at)
  }
}
