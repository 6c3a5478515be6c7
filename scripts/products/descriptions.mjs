// Two to ten short sentences, 145 characters on average. Three in five have some of their sentences on lines of
// their own and are therefore quoted. Nothing else would need quotes: no commas, no quotation marks.
import { keyFor, mix } from './random.mjs'
import { WordTable } from './word-table.mjs'
import { words } from './words.mjs'

const LF = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const DOT = 0x2e

/** Of this many equally likely lengths. */
const SENTENCE_LENGTHS = Uint8Array.of(3, 4, 4, 5, 5, 6, 6, 7, 7, 8)

// Sentences are added until there are this many words: more than one sentence has, so that there are always two
// or more, and a place for a line break.
const MIN_WORDS = 9
const MAX_WORDS = 24
const WORD_STEPS = MAX_WORDS - MIN_WORDS + 1
const MAX_SENTENCES = Math.ceil(MAX_WORDS / 3)

/**
 * @param {number} seed
 * @returns {(record: number, changed: boolean, out: Uint8Array, at: number) => number} writes the description
 *   of a record, or the one that replaces it; returns where it ends
 */
export function makeDescriptionWriter(seed) {
  const lower = new WordTable(words)
  const capital = new WordTable(words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)))
  const key = keyFor(seed, 'descriptions')
  const changedKey = keyFor(seed, 'changed descriptions')
  const lengths = new Uint8Array(MAX_SENTENCES)
  let state = 0

  /** @param {number} range at most 2^15 */
  const random = (range) => {
    state = (state + 0x9e3779b9) | 0
    return ((mix(state) >>> 16) * range) >>> 16
  }

  const chooseLengths = () => {
    const wanted = MIN_WORDS + Math.max(random(WORD_STEPS), random(WORD_STEPS))
    let sentences = 0
    for (let count = 0; count < wanted; sentences++) {
      const length = /** @type {number} */ (SENTENCE_LENGTHS[random(SENTENCE_LENGTHS.length)])
      lengths[sentences] = length
      count += length
    }
    return sentences
  }

  /**
   * One line break as a rule, at times a second one, rarely a third. Bit n: before sentence n.
   * @param {number} sentences
   */
  const chooseBreaks = (sentences) => {
    let breaks = 0
    do breaks |= 1 << (1 + random(sentences - 1))
    while (random(5) === 0)
    return breaks
  }

  return (record, changed, out, at) => {
    state = mix(key ^ record)
    let first = random(words.length)
    if (changed) {
      // Another first word, so that the text differs for certain and not just in all likelihood.
      state = mix(changedKey ^ record)
      first = (first + 1 + random(words.length - 1)) % words.length
    }
    const sentences = chooseLengths()
    const breaks = random(10) < 6 ? chooseBreaks(sentences) : 0

    if (breaks) out[at++] = QUOTE
    for (let sentence = 0; sentence < sentences; sentence++) {
      if (sentence > 0) out[at++] = (breaks >>> sentence) & 1 ? LF : SPACE
      at = capital.copy(sentence > 0 ? random(words.length) : first, out, at)
      for (let left = /** @type {number} */ (lengths[sentence]) - 1; left > 0; left--) {
        out[at++] = SPACE
        at = lower.copy(random(words.length), out, at)
      }
      out[at++] = DOT
    }
    if (breaks) out[at++] = QUOTE
    return at
  }
}
