#!/usr/bin/env node
// Measures dasy and its peers, side by side; see the help text below and bench/README.md.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { chosen, names } from './cases/index.mjs'
import { interruption } from './interruption.mjs'
import { busyWarning, describeMachine, loadNotes, machineLine } from './machine.mjs'
import { knowsMemory, versionOf } from './process.mjs'
import { caseTable, summary } from './report.mjs'
import { writeResults } from './results.mjs'
import { runCase } from './runner.mjs'
import { Workbench } from './workbench.mjs'

const USUAL_ROWS = 500_000

const HELP = `Usage: npm run bench -- [options]

Measures dasy and what else is on this machine, in turn, on a server of its own, with
files in a temporary folder. Nothing is left behind but the results.

  --rows <n>       records of the usual file (${USUAL_ROWS}); the large one has ten times as many
  --cases <list>   which cases, or "all"; by default those that take minutes at most:
                   ${names.join(', ').replace(/(.{1,58}), /g, '$1,\n                   ')}
  --times <n>      how often each side runs (5)
  --workers <n>    dasy's workers (the processors)
  --url <url>      a server to use instead; the bench makes a database there and drops it
  --out <folder>   where the results go (bench/out): bench.json, and bench.svg as a chart
  --help           show this help

More measurements: node bench/salvage.mjs (what bad records cost), node bench/scan.mjs
(the scan alone), npm run profile (where the time of a run goes).
`

/** @param {string} name @param {string} text */
function count(name, text) {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new Error(`--${name} must be a whole number, not "${text}"`)
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: String(USUAL_ROWS) },
      cases: { type: 'string' },
      times: { type: 'string', default: '5' },
      workers: { type: 'string', default: String(availableParallelism()) },
      url: { type: 'string' },
      out: { type: 'string', default: 'bench/out' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const rows = count('rows', values.rows)
  if (rows % 1000 !== 0)
    throw new Error('--rows must be thousands: some cases take a tenth or a hundredth of it')
  const scale = {
    rows,
    large: rows * 10,
    times: count('times', values.times),
    workers: String(count('workers', values.workers)),
  }
  return { scale, cases: chosen(values.cases), url: values.url, out: values.out }
}

/** Configures the server for a case; @returns a reason if that is impossible. @param {Workbench} bench @param {Record<string, string>} settings */
async function prepareServer(bench, settings) {
  if (bench.server) return void (await bench.server.use(settings))
  for (const [name, value] of Object.entries(settings)) {
    const [shown] = await bench.sql(`SHOW ${name}`)
    if (name === 'wal_level' && shown[name] !== value) return `${name} is ${shown[name]} and not ${value}`
  }
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function measureAll({ scale, cases, url, out }) {
  if (!versionOf('psql')) throw new Error('psql is needed (apt-get install postgresql-client)')
  const bench = await Workbench.open(url)
  try {
    const machine = await describeMachine(bench)
    console.log(`${machineLine(machine)}, ${machine.date}`)
    console.log(
      `${scale.rows.toLocaleString('en')} records, medians of ${scale.times}, ${scale.workers} workers`,
    )
    for (const warning of warnings(machine, scale)) console.log(warning)
    /** @type {import('./runner.mjs').CaseResult[]} */
    const results = []
    /** @type {Record<string, string>} */
    const failed = {}
    /** @type {string[]} */
    let files = []
    for (const each of cases) {
      interruption.throwIfAborted()
      const missing = await prepareServer(bench, each.settings ?? {})
      if (missing) console.log(`\n${each.name}: left out: ${missing}`)
      if (missing) continue
      try {
        const result = await runCase(each, bench, scale)
        result.notes.push(...loadNotes(machine))
        results.push(result)
        console.log(`\n${caseTable(result)}`)
      } catch (error) {
        interruption.throwIfAborted()
        failed[each.name] = /** @type {Error} */ (error).message
        console.log(`\n${each.name}: NO FIGURE: ${failed[each.name]}`)
      }
      // After each case, so that a long bench that is stopped early leaves its results.
      files = writeResults(out, { machine, scale, results, failed })
    }
    console.log(`\n${summary(results)}\n\n${files.join('\n')}`)
    if (Object.keys(failed).length > 0) process.exitCode = 1
  } finally {
    await bench.close()
  }
}

/** @param {import('./machine.mjs').Machine} machine @param {import('./runner.mjs').Scale} scale */
function warnings(machine, scale) {
  return [
    busyWarning(machine),
    knowsMemory ? undefined : 'Memory is not measured: there is no GNU time (apt-get install time).',
    scale.rows < USUAL_ROWS ? `The ratios are meant for ${USUAL_ROWS} records and more.` : undefined,
  ].filter((warning) => warning !== undefined)
}

try {
  const options = readOptions()
  if (options) await measureAll(options)
  else process.stdout.write(HELP)
} catch (error) {
  console.error(`bench: ${/** @type {Error} */ (error).message}`)
  process.exitCode = interruption.aborted ? 130 : 1
}
