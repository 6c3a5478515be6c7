#!/usr/bin/env node
// How the cost of a load grows with its file; see the help text below and bench/README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { roomFor } from './files.mjs'
import { growthNumbers, growthTable } from './growth-table.mjs'
import { interruption } from './measure/interruption.mjs'
import { busyWarning, describeMachine, machineLines } from './measure/machine.mjs'
import { wholeNumber } from './options.mjs'
import { runCase } from './runner.mjs'
import { ingest } from './sides.mjs'
import { Workbench } from './workbench.mjs'

const HELP = `Usage: npm run growth -- [options]

Loads files of growing size into a new table, and says what each costs by record. A size
for which the disk has no room is made smaller.

  --records <list>  sizes (500000,5000000,50000000)
  --times <n>       how often each is loaded (1)
  --workers <n>     dasy's workers (the processors)
  --out <file>      where the results go, as JSON (bench/out/growth.json)
  --help            show this help
`

/** What is left of the room, so that the disk is not filled to its end. */
const SHARE = 0.9

function readOptions() {
  const { values } = parseArgs({
    options: {
      records: { type: 'string', default: '500000,5000000,50000000' },
      times: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: 'bench/out/growth.json' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  return {
    sizes: values.records.split(',').map((text) => wholeNumber('records', text)),
    times: wholeNumber('times', values.times),
    workers: values.workers,
    out: values.out,
  }
}

/** @param {Workbench} bench @param {number[]} sizes @param {string} workers @returns {Promise<import('./runner.mjs').Side[]>} */
async function sidesOf(bench, sizes, workers) {
  const sides = []
  for (const wanted of sizes) {
    const records = Math.min(wanted, roundedDown((await roomFor(bench.folder)) * SHARE))
    if (records < wanted) console.log(`${wanted.toLocaleString('en')} records have no room on the disk`)
    const side = ingest(bench, await bench.files.products({ records }), workers, { name: String(records) })
    sides.push({ ...side, run: () => withTemporary(bench, side.run) })
  }
  return sides
}

/** Bytes that sorts and hash tables wrote to files, because they had no room in memory. @param {Workbench} bench @param {() => Promise<import('./figures.mjs').Run>} run @returns {Promise<import('./growth-table.mjs').Run>} */
async function withTemporary(bench, run) {
  const written = async () => {
    const [row] = await bench.sql(
      'SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()',
    )
    return Number(row.temp_bytes)
  }
  const before = await written()
  const done = await run()
  return { ...done, temporary: (await written()) - before }
}

/** Two digits. @param {number} number */
function roundedDown(number) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1)
  return Math.floor(number / unit) * unit
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function measureGrowth({ sizes, times, workers, out }) {
  const bench = await Workbench.open()
  try {
    const machine = await describeMachine(bench)
    for (const line of [...machineLines(machine), busyWarning(machine)]) if (line) console.log(line)
    const plan = async () => ({ sides: await sidesOf(bench, sizes, workers), claims: [] })
    const scale = { records: 0, large: 0, times, workers, load: 0 }
    const { sides } = await runCase({ name: 'growth', what: 'files of growing size', plan }, bench, scale)
    console.log(`\n${growthTable(sides)}`)
    mkdirSync(dirname(out), { recursive: true })
    writeFileSync(
      out,
      `${JSON.stringify({ machine, times, workers, sizes: growthNumbers(sides) }, null, 2)}\n`,
    )
    console.log(`\n${out}`)
  } finally {
    await bench.close()
  }
}

try {
  const options = readOptions()
  if (options) await measureGrowth(options)
  else process.stdout.write(HELP)
} catch (error) {
  console.error(`growth: ${/** @type {Error} */ (error).message}`)
  process.exitCode = interruption.aborted ? 130 : 1
}
