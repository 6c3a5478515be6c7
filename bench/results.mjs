// Writes the results as JSON and as a chart.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chart } from './chart.mjs'
import { figures, median } from './figures.mjs'

/**
 * @typedef {import('./runner.mjs').CaseResult} CaseResult
 * @typedef {{ machine: import('./measure/machine.mjs').Machine, scale: import('./runner.mjs').Scale, results: CaseResult[], failed: Record<string, string> }} Measurements
 */

const METHOD =
  'Whole processes from the shell, the sides of a case in turn on one server, a CHECKPOINT before each, medians. After each run the whole table was compared with what PostgreSQL alone makes of the file. Processor seconds and page faults are those of the process and of all processes of the server while it ran.'

/** @param {string} folder @param {Measurements} measurements @returns {string[]} the files */
export function writeResults(folder, { machine, scale, results, failed }) {
  mkdirSync(folder, { recursive: true })
  const json = join(folder, 'bench.json')
  const cases = results.map(({ chart: _, ...each }) => ({
    ...each,
    sides: each.sides.map(numbersOf),
    verdicts: each.verdicts.map(({ figure, ...verdict }) => ({ ...verdict, figure: figure.name })),
  }))
  writeFileSync(json, `${JSON.stringify({ method: METHOD, machine, scale, cases, failed }, null, 2)}\n`)

  const shown = results.filter((result) => result.chart)
  if (shown.length === 0) return [json]
  const svg = join(folder, 'bench.svg')
  const title = `${scale.records.toLocaleString('en')} products into PostgreSQL`
  writeFileSync(svg, chart({ title, results: shown, machine, times: scale.times }))
  return [json, svg]
}

/** @param {import('./runner.mjs').SideResult} side */
function numbersOf({ name, runs }) {
  const numbers = figures.flatMap((figure) => {
    const values = runs.map(figure.of).filter((value) => !Number.isNaN(value))
    return values.length === 0 ? [] : [[figure.name, { median: median(values), values }]]
  })
  return { name, figures: Object.fromEntries(numbers) }
}
