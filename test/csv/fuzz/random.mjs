import { keyFor, mix } from '../../../scripts/products/random.mjs'

/** A sequence of random choices that depends on nothing but a seed and a case's number. */
export class Random {
  #key
  #drawn = 0

  /**
   * @param {number} seed
   * @param {number} number
   */
  constructor(seed, number) {
    this.#key = keyFor(seed, `fuzz ${number}`)
  }

  /** @param {number} limit @returns {number} a whole number from 0 to limit - 1 */
  below(limit) {
    this.#drawn += 1
    return (mix(this.#key + Math.imul(this.#drawn, 0x9e3779b9)) >>> 0) % Math.max(1, limit)
  }

  /** @param {number} least @param {number} most @returns {number} a whole number from least to most */
  between(least, most) {
    return least + this.below(most - least + 1)
  }

  /** @param {number} percent */
  chance(percent) {
    return this.below(100) < percent
  }

  /** @template T @param {readonly T[]} values @returns {T} */
  pick(values) {
    return /** @type {T} */ (values[this.below(values.length)])
  }
}
