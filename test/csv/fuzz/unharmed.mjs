import { recordsOf } from './reference.mjs'

/**
 * Which records no damage can reach: all before the first mutation, and those that follow three whole records in
 * which a quoted field opens (`,"x`). Such a quote ends whatever the damage left open: at worst the line of its own
 * record is taken for another's, and with it a line or two behind.
 */

const OPENS = /,"[^",\r\n]/
const ENOUGH = 3

/**
 * @param {Buffer} undamaged
 * @param {import('./mutations.mjs').Damaged} damaged
 * @returns {Map<number, number>} where they stood, and where they stand now
 */
export function unharmedRecords(undamaged, { origins }) {
  const now = new Map()
  origins.forEach((origin, index) => {
    if (origin >= 0) now.set(origin, index)
  })
  // With a quote in a field the next one that opens a field proves nothing.
  const provable = !undamaged.includes('""')
  const unharmed = new Map()
  const records = recordsOf(undamaged)
  let prefix = (origins[0] ?? 0) === 0
  let seen = 0
  records.forEach(({ byte, end }, index) => {
    const next = records[index + 1]?.byte ?? undamaged.length
    const whole = isWhole(byte, next)
    prefix &&= whole
    if (!whole) seen = 0
    // The byte behind it may be part of its line end, or of what it is now.
    const last = index === records.length - 1
    if (index > 0 && !last && whole && (prefix || (provable && seen >= ENOUGH)))
      unharmed.set(byte, now.get(byte))
    if (whole && OPENS.test(undamaged.toString('latin1', byte, end))) seen += 1
  })
  return unharmed

  /** @param {number} from @param {number} to */
  function isWhole(from, to) {
    const begin = now.get(from)
    for (let at = from; at <= Math.min(to, undamaged.length - 1); at += 1) {
      if (begin === undefined || now.get(at) !== begin + at - from) return false
    }
    return true
  }
}
