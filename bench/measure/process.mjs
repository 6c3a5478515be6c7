// Measures a whole process, as a shell would run it: its time, processor time, page faults and maximum memory.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { interruption } from './interruption.mjs'
import { UNKNOWN } from './usage.mjs'

const TIME = ['/usr/bin/time', '-f', '%M %U %S %R']

/** The `time` of macOS lacks -f; some containers have no `time`. */
export const knowsUsage = spawnSync('/usr/bin/time', [...TIME.slice(1), 'true']).status === 0

/** Node would read these certificates at each start, which can take longer than all else that a small run does. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

/**
 * @typedef {object} Measured
 * @property {number} seconds from its start to its end
 * @property {number} megabytes maximum resident size; NaN if unknown
 * @property {import('./usage.mjs').Usage} client what the process used, and its children
 * @property {string} stdout
 *
 * @typedef {object} Options
 * @property {string} [input] a file, for its standard input
 * @property {(pid: number) => (() => void)} [watch] told its parent's process number at its start; what it returns is called at its end
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<Measured>}
 */
export async function measure(command, args, { input, watch } = {}) {
  interruption.throwIfAborted()
  const [program = command, ...rest] = knowsUsage ? [...TIME, command, ...args] : [command, ...args]
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r')
  try {
    const began = performance.now()
    // In a process group of its own, so that its children can be ended with it.
    const child = spawn(program, rest, { stdio: [stdin, 'pipe', 'pipe'], detached: true, env: environment })
    const end = () => child.pid && process.kill(-child.pid, 'SIGKILL')
    interruption.addEventListener('abort', end)
    const unwatch = child.pid === undefined ? undefined : watch?.(child.pid)
    const output = Promise.all([textOf(child.stdout), textOf(child.stderr)])
    const [status] = await once(child, 'close')
    const seconds = (performance.now() - began) / 1000
    unwatch?.()
    interruption.removeEventListener('abort', end)
    interruption.throwIfAborted()
    const [stdout, stderr] = await output
    // Not its arguments: there is a password among them.
    if (status !== 0) throw new Error(`${basename(command)} failed: ${(stderr || stdout).trim()}`)
    return { seconds, ...used(stderr), stdout }
  } finally {
    if (typeof stdin === 'number') closeSync(stdin)
  }
}

/** What `time` printed last. @param {string} stderr */
function used(stderr) {
  if (!knowsUsage) return { megabytes: Number.NaN, client: UNKNOWN }
  const numbers = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  const [kilobytes = Number.NaN, user = Number.NaN, system = Number.NaN, faults = Number.NaN] = numbers
  return { megabytes: kilobytes / 1024, client: { processor: user + system, faults } }
}

/** @param {import('node:stream').Readable | null} stream */
async function textOf(stream) {
  let text = ''
  for await (const piece of stream?.setEncoding('utf8') ?? []) text += piece
  return text
}

/** A program's version; undefined if it is not on this machine. @param {string} program */
export function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split('\n')[0] : undefined
}
