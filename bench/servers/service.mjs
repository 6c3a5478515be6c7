// A `dasy serve` that works with the bench's server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAM } from '../workbench.mjs'

const FLAGS = ['serve', '--port', '0', '--json', '--log-level', 'error']

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string[]} flags
 */
export async function startService(bench, ...flags) {
  const home = mkdtempSync(join(bench.folder, 'service-'))
  const token = await tokenFor(bench)
  const child = spawn(process.execPath, [PROGRAM, ...FLAGS, ...flags, '--database-url', bench.url], {
    env: { ...process.env, DASY_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const { data } = JSON.parse(String(line))
  return {
    url: String(data.url),
    token,
    /** Resident memory now, in megabytes. */
    memory: () => residentMemory(/** @type {number} */ (child.pid)),
    close: () => child.kill('SIGTERM'),
  }
}

/** @param {import('../workbench.mjs').Workbench} bench */
async function tokenFor(bench) {
  const args = ['token', 'create', `bench-${Date.now()}`, '--scope', 'admin', '--database-url', bench.url]
  const { stdout } = await bench.measure(process.execPath, [PROGRAM, ...args, '--json'])
  return String(JSON.parse(stdout).token)
}

/** NaN without /proc. @param {number} pid */
function residentMemory(pid) {
  try {
    const [, kilobytes = ''] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}
