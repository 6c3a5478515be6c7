#!/usr/bin/env node
// Where the time of a run goes; see the help text below and docs/profile.md. It works from outside: dasy has no hooks for
// it; the server logs everything.
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { interruption } from './measure/interruption.mjs'
import { busyWarning, describeMachine, machineLines } from './measure/machine.mjs'
import { wholeNumber } from './options.mjs'
import { clientTable, profilingFlags } from './profile/client-profile.mjs'
import { kindTable, phaseTable } from './profile/phases.mjs'
import { isMerge, planText } from './profile/plans.mjs'
import { Sampler } from './profile/sampler.mjs'
import { scenarios } from './profile/scenarios.mjs'
import { serverFunctions } from './profile/server-functions.mjs'
import { PLANS, ServerLog, STATISTICS } from './profile/server-log.mjs'
import { nameOf } from './profile/statement-names.mjs'
import { statementTable } from './profile/statement-table.mjs'
import { timeLine } from './profile/time-line.mjs'
import { lackOf, servers } from './servers/index.mjs'
import { Workbench } from './workbench.mjs'

const HELP = `Usage: npm run profile -- [case] [options]

Says where the time and the processor seconds of a run go: by phase, by process of the
server, by statement of each session on a common time line, by function of the client,
and inside the statements by their plans (EXPLAIN ANALYZE, BUFFERS, WAL). Four runs are made,
so that looking does not disturb what is looked at.

  case            ${Object.keys(scenarios).join(', ')} (ingest)
  --records <n>   records of the file, or of the table for small-update (500000)
  --workers <n>   dasy's workers (the processors)
  --server <name> ${Object.keys(servers).join(', ')} (embedded)
  --out <file>    write all there is: every statement and every plan
  --help          show this help
`

/** The share of the run below which a plan is only written to the file, unless it is of the merge. */
const SMALL = 0.01

/** @typedef {import('./workbench.mjs').Options & { node?: string[] }} Options */

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      records: { type: 'string', default: '500000' },
      workers: { type: 'string', default: String(availableParallelism()) },
      server: { type: 'string', default: 'embedded' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const [name = 'ingest'] = positionals
  const server = /** @type {import('./servers/index.mjs').ServerName} */ (values.server)
  return {
    name,
    scenario: known(scenarios, 'case', name),
    server: known(servers, 'server', server) && server,
    records: wholeNumber('records', values.records),
    workers: values.workers,
    out: values.out,
  }
}

/** @template T @param {Record<string, T>} all @param {string} what @param {string} name @returns {T} */
function known(all, what, name) {
  const found = all[name]
  if (found) return found
  throw new Error(`there is no ${what} "${name}"; there are ${Object.keys(all).join(', ')}`)
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function profile({ name, scenario, server, records, workers, out }) {
  const lack = lackOf(server)
  if (lack) throw new Error(lack)
  const bench = await Workbench.open()
  try {
    await bench.use(server)
    const machine = await describeMachine(bench)
    const { prepare, args } = await scenario(bench, records)
    const log = new ServerLog(bench)
    const observe = async (
      /** @type {Record<string, string>} */ settings,
      /** @type {Options} */ options = {},
    ) => {
      await prepare()
      await bench.checkpoint()
      return await log.during(settings, () => bench.dasyWith(options, ...args, '--workers', workers))
    }
    // What a server does once, when its memory is used for the first time, is no part of a run.
    await observe({})
    const sampler = new Sampler(bench.current.postmaster.pid ?? 0)
    const sampled = await observe({}, { watch: (pid) => sampler.watch(pid) })
    const logged = await observe(STATISTICS)
    const folder = bench.path('profiles')
    await observe({}, { node: profilingFlags(folder) })
    const postmaster = bench.current.postmaster.pid ?? 0
    const functions = await serverFunctions(postmaster, bench.path('perf.data'), () => observe({}))
    const planned = await observe(PLANS)

    const head = [
      `${name}, ${records.toLocaleString('en')} records, ${workers} workers, server ${server}`,
      machineLines(machine).join('\n'),
      busyWarning(machine),
      phaseTable(sampled.done, sampler),
      kindTable(sampler),
      `Another run, with log_statement_stats: ${logged.done.seconds.toFixed(2)} s`,
      statementTable(logged.statements, logged.done.server),
      timeLine(logged.statements, logged.began, logged.done.seconds),
      'Another run, with --cpu-prof, by function without what it calls; (program) is native code and the system',
      clientTable(folder),
      'Another run, with perf, by function of the server without what it calls; [k] is the system',
      functions,
    ].filter((part) => part !== undefined)
    const least = SMALL * planned.done.seconds
    const shown = planned.plans.filter((plan) => plan.seconds >= least || isMerge(plan))
    console.log([...head, 'Another run, with plans', ...shown.map(planText)].join('\n\n'))
    if (out) {
      const all = [...head, ...logged.statements.map(line(logged.began)), ...planned.plans.map(planText)]
      writeFileSync(out, `${all.join('\n\n')}\n`)
    }
  } finally {
    await bench.close()
  }
}

/** @param {number} began */
function line(began) {
  return (/** @type {import('./profile/server-log.mjs').Statement} */ statement) => {
    const { session, began: at, seconds, processor, faults, text } = statement
    const used = `${seconds.toFixed(4)} s, ${processor.toFixed(4)} s of processor time, ${faults} page faults`
    return `${(at - began).toFixed(3)} s, session ${session}, ${used}: ${nameOf(text)}\n${text}`
  }
}

try {
  const options = readOptions()
  if (options) await profile(options)
  else process.stdout.write(HELP)
} catch (error) {
  console.error(`profile: ${/** @type {Error} */ (error).message}`)
  process.exitCode = interruption.aborted ? 130 : 1
}
