// The results as text: a table for each case, and one of all claims with their limits.
import {
  clientFaults,
  clientProcessor,
  faults,
  median,
  memory,
  processor,
  seconds,
  serverFaults,
  serverProcessor,
} from './figures.mjs'

/**
 * @typedef {import('./runner.mjs').CaseResult} CaseResult
 * @typedef {import('./runner.mjs').SideResult} SideResult
 * @typedef {import('./runner.mjs').Verdict} Verdict
 * @typedef {import('./figures.mjs').Figure} Figure
 */

const NAME = 44
/** What each column shows, and how wide it is. @type {[Figure, number][]} */
const COLUMNS = [
  [processor, 9],
  [clientProcessor, 9],
  [serverProcessor, 9],
  [faults, 11],
  [clientFaults, 9],
  [serverFaults, 9],
  [memory, 9],
]
const HEADINGS = [
  `${''.padEnd(NAME + 2)}                               processor seconds          page faults`,
  `${''.padEnd(NAME + 2)}     time   fastest to slowest       all   client   server        all   client   server   memory`,
]

/** @param {CaseResult} result */
export function caseTable({ name, what, sides, verdicts, notes }) {
  return [
    `${name}: ${what}`,
    ...HEADINGS,
    ...sides.map((side) => `  ${sideLine(side)}`),
    ...verdicts.map((verdict) => `    ${verdictLine(verdict)}`),
    ...notes.map((note) => `    ${note}`),
  ].join('\n')
}

/** @param {SideResult} side */
function sideLine({ name, runs }) {
  const times = runs.map(seconds.of)
  const range = `${seconds.show(Math.min(...times))} to ${seconds.show(Math.max(...times))}`
  const cells = COLUMNS.map(([figure, width]) => cell(figure, runs).padStart(width))
  return `${name.padEnd(NAME)}${seconds.show(median(times)).padStart(9)}${range.padStart(21)}${cells.join('')}`
}

/** @param {Figure} figure @param {import('./figures.mjs').Run[]} runs */
function cell(figure, runs) {
  const value = median(runs.map(figure.of))
  return Number.isNaN(value) ? '-' : figure.show(value)
}

/** All claims, with what they must and are meant to be. @param {CaseResult[]} results */
export function summary(results) {
  const rows = results.flatMap(({ name, verdicts }) =>
    verdicts.map((verdict) => [
      name,
      claimOf(verdict),
      ...limitsOf(verdict),
      judgementOf(verdict),
      workOf(verdict),
    ]),
  )
  const missed = results.flatMap(({ verdicts }) => verdicts).filter((verdict) => verdict.missed).length
  const table = [['case', 'claim', 'measured', 'must', 'aim', '', 'processor'], ...rows]
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  const lines = table.map((row) =>
    row
      .map((text, column) =>
        column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return [...lines, `${rows.length} claims, ${missed} missed`].join('\n')
}

/** @param {Verdict} verdict */
function verdictLine(verdict) {
  const [value, must, aim] = limitsOf(verdict)
  const limits = [`must be ${must}`, ...(aim ? [`aim ${aim}`] : [])].join(', ')
  return `${claimOf(verdict)}: ${value} (${limits}) ${judgementOf(verdict)}`.trimEnd()
}

/** The same ratio of processor seconds, which other load on the machine changes less. @param {Verdict} verdict */
function workOf({ work = Number.NaN }) {
  return Number.isNaN(work) ? '' : `${work.toFixed(2)} x`
}

/** @param {Verdict} verdict */
function claimOf({ of, to, figure }) {
  if (to === undefined) return `${of}, ${figure.name}`
  return `${of} / ${[to].flat().join(' or ')}${figure === seconds ? '' : `, ${figure.name}`}`
}

/** @param {Verdict} verdict */
function limitsOf({ to, figure, value, must, aim, atLeast }) {
  const show = to === undefined ? figure.show : (/** @type {number} */ ratio) => `${ratio.toFixed(2)} x`
  const limit = (/** @type {number} */ number) => `${atLeast ? '>=' : '<='} ${show(number)}`
  return [Number.isNaN(value) ? 'not known' : show(value), limit(must), aim === undefined ? '' : limit(aim)]
}

/** @param {Verdict} verdict */
function judgementOf({ value, aim, atLeast, missed }) {
  if (Number.isNaN(value)) return ''
  if (missed) return 'MISSED'
  const meetsAim = aim !== undefined && (atLeast ? value >= aim : value <= aim)
  return meetsAim ? 'aim' : 'must'
}
