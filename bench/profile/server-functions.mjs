// Where the processor time of the server goes, by function, of PostgreSQL, its libraries and the system: the samples of
// Linux's perf, where it is installed and allowed.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionOf } from '../measure/process.mjs'

const FUNCTIONS = 40
/** Until perf has attached itself to the processes. */
const START_MS = 500
const RECORD = ['record', '--quiet', '--event', 'cpu-clock', '--freq', '997']

/**
 * @param {number} postmaster whose children that start meanwhile are sampled too
 * @param {string} file of the bench's own
 * @param {() => Promise<unknown>} work
 * @returns {Promise<string>}
 */
export async function serverFunctions(postmaster, file, work) {
  if (!versionOf('perf'))
    return 'Functions of the server are left out: there is no perf (apt-get install linux-perf).'
  const perf = spawn('perf', [...RECORD, '--pid', String(postmaster), '--output', file], { stdio: 'ignore' })
  const ended = once(perf, 'exit')
  await sleep(START_MS)
  if (perf.exitCode !== null)
    return 'Functions of the server are left out: perf is not allowed to sample here.'
  try {
    await work()
  } finally {
    perf.kill('SIGINT')
    await ended
  }
  return functionsOf(file)
}

/** @param {string} file that perf wrote */
function functionsOf(file) {
  const options = ['report', '--input', file, '--stdio', '--quiet', '--sort', 'symbol']
  const { stdout } = spawnSync('perf', options, { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })
  const lines = stdout
    .split('\n')
    .filter((line) => /^\s*\d/.test(line))
    .map((line) => line.replace(/(\s+-)*\s*$/, ''))
  const system = lines
    .filter((line) => line.includes('[k]'))
    .reduce((sum, line) => sum + Number.parseFloat(line), 0)
  return [
    `${system.toFixed(0)}% of the server's processor time is in the system`,
    ...lines.slice(0, FUNCTIONS),
  ].join('\n')
}
