#!/usr/bin/env node
// Where the time of a run goes; see the help text below and docs/profile.md. It works from outside: dasy has no hooks for
// it; the server logs everything.
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { busyWarning, describeMachine, machineLine } from './machine.mjs'
import { scenarios } from './profile/scenarios.mjs'
import { PLANS, ServerLog, TIMES } from './profile/server-log.mjs'
import { nameOf } from './profile/statement-names.mjs'
import { timeLine } from './profile/time-line.mjs'
import { Workbench } from './workbench.mjs'

const HELP = `Usage: npm run profile -- [options]

Says where the time of one run goes: by phase, by statement of each session on a common
time line, and inside the statements by their plans (EXPLAIN ANALYZE, BUFFERS, WAL).
Two runs are made: times are of the first, plans of the second, because making
them takes time.

  --rows <n>      records of the file, or of the table for small-update (500000)
  --case <name>   ${Object.keys(scenarios).join(', ')} (ingest)
  --workers <n>   dasy's workers (the processors)
  --out <file>    write all there is: every statement and every plan
  --help          show this help
`

/** The share of the run below which a plan is only written to the file, unless it is of the merge. */
const SMALL = 0.01

/** @typedef {import('./profile/server-log.mjs').Entry} Entry */

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '500000' },
      case: { type: 'string', default: 'ingest' },
      workers: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const scenario = scenarios[values.case]
  if (!scenario)
    throw new Error(`there is no case "${values.case}"; there are ${Object.keys(scenarios).join(', ')}`)
  return { ...values, scenario }
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function profile({ rows, case: name, workers, out, scenario }) {
  const bench = await Workbench.open(undefined)
  try {
    const machine = await describeMachine(bench)
    const { prepare, args } = await scenario(bench, Number(rows))
    const log = new ServerLog(bench)
    const observe = async (/** @type {Record<string, string>} */ settings) => {
      await prepare()
      await bench.checkpoint()
      return await log.during(settings, () => bench.dasy(...args, '--workers', workers))
    }
    const timed = await observe(TIMES)
    const planned = await observe(PLANS)
    const head = [
      `${name}, ${rows} records, ${workers} workers; ${machineLine(machine)}, ${machine.date}`,
      busyWarning(machine),
      phases(timed.done),
      timeLine(timed.entries, timed.began, timed.done.seconds),
    ].filter((part) => part !== undefined)
    const least = SMALL * planned.done.seconds
    const shown = planned.entries.filter((entry) => entry.seconds >= least || isMerge(entry))
    console.log([...head, 'Plans, of a run of their own:', ...shown.map(plan)].join('\n\n'))
    if (out)
      writeFileSync(
        out,
        `${[...head, ...timed.entries.map(line(timed.began)), ...planned.entries.map(plan)].join('\n\n')}\n`,
      )
  } finally {
    await bench.close()
  }
}

/** @param {import('./workbench.mjs').Load} load */
function phases({ seconds, processor, receipt }) {
  const { total, ...parts } = receipt.seconds
  const named = Object.entries(parts).map(([name, time]) => `${name} ${time.toFixed(3)} s`)
  return [
    `${seconds.toFixed(3)} s in all: ${named.join(', ')}, start and exit of the process ${(seconds - total).toFixed(3)} s`,
    `${processor.toFixed(2)} s of processor time in the process itself, the rest in the server`,
  ].join('\n')
}

/** @param {number} began */
function line(began) {
  return (/** @type {Entry} */ { session, began: at, seconds, text }) =>
    `${(at - began).toFixed(3)} s, session ${session}, ${seconds.toFixed(4)} s: ${nameOf(text)}\n${text}`
}

/** The statement comes first, then its parameters, then the plan's nodes. */
const PLAN = /^Query Text: ([\s\S]*?)\n(?:Query Parameters: [\s\S]*?\n)?(\S.* {2}\(cost=[\s\S]*)$/

/** @param {Entry} entry */
function isMerge({ text }) {
  return nameOf(PLAN.exec(text)?.[1] ?? '').startsWith('merge/')
}

/** @param {Entry} entry */
function plan({ session, seconds, text }) {
  const [, statement = text, nodes = text] = PLAN.exec(text) ?? []
  return `${nameOf(statement)}: ${seconds.toFixed(3)} s, session ${session}\n${nodes.replace(/^/gm, '  ')}`
}

try {
  const options = readOptions()
  if (options) await profile(options)
  else process.stdout.write(HELP)
} catch (error) {
  console.error(`profile: ${/** @type {Error} */ (error).message}`)
  process.exitCode = 1
}
