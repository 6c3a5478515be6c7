// The choices of one round: they depend on the seed and the round's number alone, so each can be played again.
import { keyFor, mix } from '../../../scripts/products/random.mjs'

export class Random {
  #key
  #drawn = 0

  /**
   * @param {number} seed
   * @param {number} round
   */
  constructor(seed, round) {
    this.#key = keyFor(seed, `round ${round}`)
  }

  /** From 0 to less than 1. */
  next() {
    this.#drawn += 1
    return (mix(this.#key + Math.imul(this.#drawn, 0x9e3779b9)) >>> 0) / 2 ** 32
  }

  /**
   * @template Item
   * @param {readonly Item[]} items
   */
  pick(items) {
    return /** @type {Item} */ (items[Math.floor(this.next() * items.length)])
  }
}
