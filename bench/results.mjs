// Writes the results as JSON and as a chart.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chart } from './chart.mjs'
import { copying, median, memory, perRecord, seconds, wal } from './figures.mjs'

/**
 * @typedef {import('./runner.mjs').CaseResult} CaseResult
 * @typedef {{ machine: import('./machine.mjs').Machine, scale: import('./runner.mjs').Scale, results: CaseResult[], failed: Record<string, string> }} Measurements
 */

const METHOD =
  'Whole processes from the shell, the sides of a case in turn on one server, a CHECKPOINT before each, medians. The rows of each side were compared with what PostgreSQL alone makes of the file.'

/** @param {string} folder @param {Measurements} measurements @returns {string[]} the files */
export function writeResults(folder, { machine, scale, results, failed }) {
  mkdirSync(folder, { recursive: true })
  const json = join(folder, 'bench.json')
  const cases = results.map(({ chart: _, ...each }) => ({ ...each, sides: each.sides.map(numbersOf) }))
  writeFileSync(json, `${JSON.stringify({ method: METHOD, machine, scale, cases, failed }, null, 2)}\n`)

  const shown = results.filter((result) => result.chart)
  if (shown.length === 0) return [json]
  const svg = join(folder, 'bench.svg')
  const title = `${scale.rows.toLocaleString('en')} products into PostgreSQL`
  writeFileSync(svg, chart({ title, results: shown, machine, times: scale.times }))
  return [json, svg]
}

/** @param {import('./runner.mjs').SideResult} side */
function numbersOf({ name, runs }) {
  /** @type {Record<string, { median: number, values: number[] }>} */
  const figures = {}
  for (const figure of [seconds, memory, copying, perRecord, wal]) {
    const values = runs.map(figure.of).filter((value) => !Number.isNaN(value))
    if (values.length > 0) figures[figure.name] = { median: median(values), values }
  }
  return { name, figures }
}
