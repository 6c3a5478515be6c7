/** Words as bytes in one array, made to be copied into a buffer faster than strings can be put together. */
export class WordTable {
  #bytes
  #starts

  /** @param {readonly string[]} words */
  constructor(words) {
    this.#bytes = Buffer.from(words.join(''), 'latin1')
    this.#starts = new Uint32Array(words.length + 1)
    let start = 0
    for (const [index, word] of words.entries()) {
      this.#starts[index] = start
      start += word.length
    }
    this.#starts[words.length] = start
    this.size = words.length
  }

  /**
   * Copies a word to out[at]; returns where it ends.
   * @param {number} index
   * @param {Uint8Array} out
   * @param {number} at
   */
  copy(index, out, at) {
    const bytes = this.#bytes
    const end = /** @type {number} */ (this.#starts[index + 1])
    for (let from = /** @type {number} */ (this.#starts[index]); from < end; from++) {
      out[at++] = /** @type {number} */ (bytes[from])
    }
    return at
  }
}
