import { material } from './material.mjs'
import { damage } from './mutations.mjs'
import { Random } from './random.mjs'

/**
 * @typedef {object} Case
 * @property {number} seed
 * @property {number} number
 * @property {string} material
 * @property {string} key
 * @property {Buffer} undamaged
 * @property {import('./mutations.mjs').Damaged} damaged
 * @property {number} rangeSize
 */

/** A piece of a file is about this small at least, so that no case takes long. */
const MOST_RANGES = 250

/** Any case of a seed, without those before it. @param {number} seed @param {number} number @returns {Case} */
export function makeCase(seed, number) {
  const random = new Random(seed, number)
  const { name, bytes: undamaged, key } = material(random)
  const damaged = damage(undamaged, random)
  const least = Math.ceil(damaged.bytes.length / MOST_RANGES)
  const rangeSize = Math.max(random.chance(50) ? random.between(50, 300) : random.between(50, 3000), least)
  return { seed, number, material: name, key, undamaged, damaged, rangeSize }
}
