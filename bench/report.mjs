// The results as a table: medians with their range, and each claim with its limit.
import { median, memory, seconds } from './figures.mjs'

/**
 * @typedef {import('./runner.mjs').CaseResult} CaseResult
 * @typedef {import('./runner.mjs').SideResult} SideResult
 * @typedef {import('./runner.mjs').Verdict} Verdict
 */

const WIDTH = 46

/** @param {CaseResult} result */
export function caseTable({ name, what, sides, verdicts, notes }) {
  return [
    `${name}: ${what}`,
    ...sides.map((side) => `  ${sideLine(side)}`),
    ...verdicts.map((verdict) => `  ${verdictLine(verdict)}`),
    ...notes.map((note) => `  ${note}`),
  ].join('\n')
}

/** The summary. @param {CaseResult[]} results */
export function summary(results) {
  const verdicts = results.flatMap((result) => result.verdicts)
  const missed = verdicts.filter((verdict) => verdict.missed).length
  const lines = results.flatMap(({ name, verdicts: own }) =>
    own.map((verdict) => `  ${name.padEnd(16)}${verdictLine(verdict)}`),
  )
  return [`${verdicts.length} claims, ${missed} missed`, ...lines].join('\n')
}

/** @param {SideResult} side */
function sideLine({ name, runs }) {
  const times = runs.map(seconds.of)
  const range = `${seconds.show(Math.min(...times))} to ${seconds.show(Math.max(...times))}`
  const held = memory.show(median(runs.map(memory.of)))
  return `${name.padEnd(WIDTH)}${seconds.show(median(times)).padStart(9)}   ${range.padEnd(22)}${held.padStart(7)}`.trimEnd()
}

/** @param {Verdict} verdict */
function verdictLine({ of, to, figure, value, must, aim, atLeast, missed }) {
  const what =
    to === undefined
      ? `${of}, ${figure.name}`
      : `${of} / ${[to].flat().join(' or ')}${figure === seconds ? '' : `, ${figure.name}`}`
  const show = to === undefined ? figure.show : (/** @type {number} */ ratio) => `${ratio.toFixed(2)} x`
  const limits = `must be ${atLeast ? '>=' : '<='} ${show(must)}, aim ${show(aim)}`
  return `${missed ? '! ' : '  '}${what}: ${Number.isNaN(value) ? 'not known' : show(value)} (${limits})${missed ? ' MISSED' : ''}`
}
