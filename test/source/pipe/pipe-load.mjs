// A load of a gzip stream through a pipe, however long: what it says, and what memory it takes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What a load may take whatever comes: threads, their buffers, and what Node has not collected yet. */
export const MEGABYTES_AT_MOST = 256

/** Without what tap puts into every child. */
const NODE = ['-u', 'NODE_OPTIONS', process.execPath]

/** @param {string} relative */
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/**
 * Loads `sku,name,description` into `products`: records of 1,900 bytes and more, whose keys are a thousand.
 * @param {string} url of a database
 * @param {number} bytes of text
 */
export async function loadPipe(url, bytes) {
  const args = ['ingest', '-', '--workers', '2', '--json', '--quiet', '--database-url', url]
  const writer = spawn('env', [...NODE, path('endless-gzip.mjs'), `${bytes}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const load = spawn('env', [...NODE, path('../../../bin/dasy.js'), ...args], {
    stdio: [writer.stdout, 'pipe', 'inherit'],
  })
  writer.stdout?.destroy() // it is the other process's now
  let megabytes = 0
  const look = setInterval(() => {
    megabytes = Math.max(megabytes, residentAtMost(load.pid))
  }, 200)
  load.once('exit', () => clearInterval(look))
  const [output, [status]] = await Promise.all([
    text(/** @type {import('node:stream').Readable} */ (load.stdout)),
    once(load, 'exit'),
  ])
  return { status, output, megabytes: Math.round(megabytes) }
}

/** @param {{ status: number, output: string, megabytes: number }} loaded @param {number} bytes @returns {string[]} */
export function problemsOf({ status, output, megabytes }, bytes) {
  if (status !== 0) return [`status ${status}: ${output}`]
  const { read, rejected, inserted, duplicates } = JSON.parse(output).rows
  const problems = []
  if (read * 1900 < bytes * 0.9) problems.push(`only ${read} records were read`)
  if (rejected !== 0 || inserted !== 1000 || duplicates !== read - 1000) problems.push(output)
  if (megabytes > MEGABYTES_AT_MOST) problems.push(`${megabytes} MB were resident`)
  return problems
}

/** @param {number | undefined} pid */
function residentAtMost(pid) {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
