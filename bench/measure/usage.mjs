// What processes have used so far, out of Linux's /proc. A parent's own figures contain those of a child only after the
// parent has waited for it, so a family is the parent, the children that it has waited for, and those that live.
import { readdirSync, readFileSync } from 'node:fs'

/** The unit of times in /proc/PID/stat, on every processor that Linux shows to programs. */
const TICKS_A_SECOND = 100

/**
 * @typedef {object} Usage
 * @property {number} processor seconds of processor time, in the program and in the system for it
 * @property {number} faults page faults that needed no disk (minor)
 *
 * @typedef {object} Stat one line of /proc/PID/stat
 * @property {number} pid
 * @property {string} state
 * @property {number} parent
 * @property {number} faults
 * @property {number} waitedFaults of the children that it has waited for
 * @property {number} ticks
 * @property {number} waitedTicks
 */

/** @type {Usage} */
export const UNKNOWN = { processor: Number.NaN, faults: Number.NaN }

/** @param {Usage} later @param {Usage} earlier @returns {Usage} */
export function difference(later, earlier) {
  return { processor: later.processor - earlier.processor, faults: later.faults - earlier.faults }
}

/**
 * What a process and its children have used since they started. A child that ends while they are read would be counted
 * twice or not at all; then they are read again.
 * @param {number} pid
 * @returns {Usage}
 */
export function familyUsage(pid) {
  for (;;) {
    const before = statOf(pid)
    const children = childrenOf(pid)
    const after = statOf(pid)
    if (!before || !after) return UNKNOWN
    if (before.waitedFaults !== after.waitedFaults) continue
    const sum = (/** @type {(stat: Stat) => number} */ of) =>
      children.reduce((total, child) => total + of(child), 0)
    return {
      processor: (after.ticks + after.waitedTicks + sum(({ ticks }) => ticks)) / TICKS_A_SECOND,
      faults: after.faults + after.waitedFaults + sum(({ faults }) => faults),
    }
  }
}

/** The living ones, and those that it has not waited for yet. @param {number} pid */
export function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined)
    .filter(({ parent }) => parent === pid)
}

/** Undefined if the process is gone, or if this system has no /proc. @param {number} pid @returns {Stat | undefined} */
export function statOf(pid) {
  const line = readIfThere(`/proc/${pid}/stat`)
  if (!line) return undefined
  // The second field is the program's name, in parentheses; it may contain blanks and parentheses itself.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const number = (/** @type {number} */ field) => Number(fields[field - 3])
  return {
    pid,
    state: fields[0] ?? '',
    parent: number(4),
    faults: number(10),
    waitedFaults: number(11),
    ticks: number(14) + number(15),
    waitedTicks: number(16) + number(17),
  }
}

/** @param {string} path */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
