// Randomness that depends on nothing but the seed and a number, so that any record can be made without making
// the ones before it. Only 32-bit integer arithmetic: the same on every machine.

/** The largest domain of a permutation: with one bit less than an int32 has, no sign gets in the way. */
export const MAX_SPACE = 2 ** 30

/**
 * Scrambles a 32-bit integer; different inputs give different outputs.
 * @param {number} x
 */
export function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return x ^ (x >>> 15)
}

/**
 * A key of its own for every purpose, so that no two of them are correlated.
 * @param {number} seed
 * @param {string} purpose
 */
export function keyFor(seed, purpose) {
  let key = mix(seed ^ 0x9e3779b9)
  for (const letter of purpose) key = mix(key ^ letter.charCodeAt(0))
  return key
}

/**
 * A random bijection of 0 … size-1 onto itself that needs no table: a Feistel network over the next power of
 * two, applied again as long as the result falls outside (less than twice on average).
 * @param {number} size
 * @param {number} key
 * @returns {(x: number) => number}
 */
export function permutation(size, key) {
  if (size > MAX_SPACE) throw new RangeError(`a permutation of ${size} is more than 30 bits hold`)
  const bits = Math.max(2, 32 - Math.clz32(size - 1))
  const lowBits = bits >>> 1
  const lowMask = (1 << lowBits) - 1
  const highMask = (1 << (bits - lowBits)) - 1
  const key1 = mix(key + 1)
  const key2 = mix(key + 2)
  const key3 = mix(key + 3)
  const key4 = mix(key + 4)

  return (x) => {
    do {
      let low = x & lowMask
      let high = x >>> lowBits
      high ^= mix(low ^ key1) & highMask
      low ^= mix(high ^ key2) & lowMask
      high ^= mix(low ^ key3) & highMask
      low ^= mix(high ^ key4) & lowMask
      x = (high << lowBits) | low
    } while (x >= size)
    return x
  }
}
