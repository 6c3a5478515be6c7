// Which sku and which name each record gets, as numbers. The distinct counts hold by construction, not by
// remembering what was used: every number below `skus` and below `names` is used, and no other.
import { keyFor, mix, permutation } from './random.mjs'

// What was counted in the original file.
const ORIGINAL = { records: 500_000, skus: 466_693, names: 222_024, pairs: 499_994 }

/** Of the records that re-use a sku, one in this many is the third with it, as when keys collide by chance. */
const THIRDS = 14

/**
 * How many distinct skus, names and (sku, name) pairs a file of this many records has.
 * @param {number} records
 */
export function distinctCounts(records) {
  /** @param {number} count */
  const scale = (count) => Math.max(1, Math.round((records * count) / ORIGINAL.records))
  return { skus: scale(ORIGINAL.skus), names: scale(ORIGINAL.names), pairs: scale(ORIGINAL.pairs) }
}

/**
 * A record's "slot" is its place in a shuffled order. Slots 0 … skus-1 bring a fresh sku each; the slots after
 * them are the second, then the third records of the skus 0, 1, 2 …
 * @param {number} records
 * @param {number} seed
 */
export function makePlan(records, seed) {
  const { skus, names, pairs } = distinctCounts(records)
  const repeatedPairs = records - pairs
  const thirds = Math.floor((records - skus) / THIRDS)
  const firstThird = records - thirds

  const slotOf = permutation(records, keyFor(seed, 'slots'))
  const shuffleNames = permutation(skus, keyFor(seed, 'names of fresh skus'))
  const drawKey = keyFor(seed, 'drawn names')

  /**
   * Squaring favours the low numbers: a few names many times, most of them once or twice.
   * @param {number} slot
   */
  const drawName = (slot) => {
    const u = (mix(drawKey ^ slot) >>> 0) / 2 ** 32
    return Math.floor(u * u * names)
  }

  /**
   * The next name that the sku's other records do not have.
   * @param {number} name
   * @param {number} taken
   * @param {number} alsoTaken
   */
  const otherThan = (name, taken, alsoTaken) => {
    while (name === taken || name === alsoTaken) name = (name + 1) % names
    return name
  }

  // Among the fresh skus each name has its turn once (there are fewer names than skus); the others draw.
  const nameOfFirst = (/** @type {number} */ sku) => {
    const turn = shuffleNames(sku)
    return turn < names ? turn : drawName(sku)
  }

  const nameOfSecond = (/** @type {number} */ sku) => {
    const first = nameOfFirst(sku)
    return sku < repeatedPairs ? first : otherThan(drawName(skus + sku), first, first)
  }

  const nameOfThird = (/** @type {number} */ sku) =>
    otherThan(drawName(firstThird + sku), nameOfFirst(sku), nameOfSecond(sku))

  return {
    skus,
    names,
    slotOf,
    /** @param {number} slot */
    skuOf: (slot) => (slot < skus ? slot : slot < firstThird ? slot - skus : slot - firstThird),
    /** @param {number} slot */
    nameOf: (slot) =>
      slot < skus
        ? nameOfFirst(slot)
        : slot < firstThird
          ? nameOfSecond(slot - skus)
          : nameOfThird(slot - firstThird),
  }
}
