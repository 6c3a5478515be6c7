#!/usr/bin/env node
// Measures dasy and its peers, side by side; see the help text below and bench/README.md.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { chosen, names } from './cases/index.mjs'
import { interruption } from './measure/interruption.mjs'
import { busyWarning, describeMachine, loadNotes, machineLines } from './measure/machine.mjs'
import { knowsUsage, versionOf } from './measure/process.mjs'
import { burn } from './measure/speed.mjs'
import { wholeNumber } from './options.mjs'
import { caseTable, summary } from './report.mjs'
import { writeResults } from './results.mjs'
import { runCase } from './runner.mjs'
import { lackOf } from './servers/index.mjs'
import { Workbench } from './workbench.mjs'

const USUAL_RECORDS = 500_000

const HELP = `Usage: npm run bench -- [case…] [options]

Measures dasy and what else is on this machine, in turn, on servers of its own, with
files in a temporary folder. Nothing is left behind but the results.

  case             which cases, or "all"; by default those that take minutes at most:
                   ${names.join(', ').replace(/(.{1,58}), /g, '$1,\n                   ')}
  --records <n>    records of the usual file (${USUAL_RECORDS}); the large one has ten times as many
  --times <n>      how often each side runs (5)
  --workers <n>    dasy's workers (the processors)
  --load <n>       other load: so many processes that calculate all the time (0)
  --url <url>      a server to use in place of the embedded one; the bench makes a database
                   there and drops it
  --out <folder>   where the results go (bench/out): bench.json, and bench.svg as a chart
  --help           show this help

More measurements: npm run growth (how the cost grows with the file), node bench/salvage.mjs
(what bad records cost), node bench/scan.mjs (the scan alone), npm run profile (where the
processor time of a run goes).
`

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      records: { type: 'string', default: String(USUAL_RECORDS) },
      times: { type: 'string', default: '5' },
      workers: { type: 'string', default: String(availableParallelism()) },
      load: { type: 'string', default: '0' },
      url: { type: 'string' },
      out: { type: 'string', default: 'bench/out' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const records = wholeNumber('records', values.records)
  if (records % 1000 !== 0)
    throw new Error('--records must be thousands: some cases take a tenth or a hundredth of it')
  const scale = {
    records,
    large: records * 10,
    times: wholeNumber('times', values.times),
    workers: String(wholeNumber('workers', values.workers)),
    load: wholeNumber('load', values.load, 0),
  }
  return { scale, cases: chosen(positionals), url: values.url, out: values.out }
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function measureAll({ scale, cases, url, out }) {
  if (!versionOf('psql')) throw new Error('psql is needed (apt-get install postgresql-client)')
  const bench = await Workbench.open(url)
  let endLoad = () => {}
  try {
    const machine = await describeMachine(bench)
    endLoad = burn(scale.load)
    for (const line of [...machineLines(machine), ...scaleLines(scale), ...warnings(machine, scale)])
      console.log(line)
    /** @type {import('./runner.mjs').CaseResult[]} */
    const results = []
    /** @type {Record<string, string>} */
    const failed = {}
    /** @type {string[]} */
    let files = []
    for (const each of cases) {
      interruption.throwIfAborted()
      const { name, server = 'embedded' } = each
      const lack = lackOf(server)
      if (lack) {
        console.log(`\n${name}: left out: ${lack}`)
        continue
      }
      try {
        await bench.use(server)
        const result = await runCase(each, bench, scale)
        if (scale.load === 0) result.notes.push(...loadNotes(machine))
        results.push(result)
        console.log(`\n${caseTable(result)}`)
      } catch (error) {
        interruption.throwIfAborted()
        failed[name] = /** @type {Error} */ (error).message
        console.log(`\n${name}: NO FIGURE: ${failed[name]}`)
      }
      // After each case, so that a long bench that is stopped early leaves its results.
      files = writeResults(out, { machine, scale, results, failed })
    }
    console.log(`\n${summary(results)}\n\n${files.join('\n')}`)
    if (Object.keys(failed).length > 0) process.exitCode = 1
  } finally {
    endLoad()
    await bench.close()
  }
}

/** @param {import('./runner.mjs').Scale} scale */
function scaleLines({ records, times, workers, load }) {
  const other = load === 0 ? '' : `, beside ${load} processes that calculate all the time`
  return [`${records.toLocaleString('en')} records, medians of ${times}, ${workers} workers${other}`]
}

/** @param {import('./measure/machine.mjs').Machine} machine @param {import('./runner.mjs').Scale} scale */
function warnings(machine, scale) {
  const time = 'there is no GNU time (apt-get install time)'
  return [
    busyWarning(machine),
    knowsUsage ? undefined : `Memory and what the client uses are not measured: ${time}.`,
    process.platform === 'linux'
      ? undefined
      : 'What the server uses is not measured: this system has no /proc.',
    scale.records < USUAL_RECORDS ? `The ratios are meant for ${USUAL_RECORDS} records and more.` : undefined,
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
