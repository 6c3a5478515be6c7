// Measures a whole process, as a shell would run it: its time and its maximum memory.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { interruption } from './interruption.mjs'

const TIME = ['/usr/bin/time', '-f', '%M %U %S']

/** The `time` of macOS lacks -f; some containers have no `time`. */
export const knowsMemory = spawnSync('/usr/bin/time', [...TIME.slice(1), 'true']).status === 0

/**
 * @typedef {object} Measured
 * @property {number} seconds from its start to its end
 * @property {number} megabytes maximum resident size; NaN if unknown
 * @property {number} processor seconds of processor time, of the process alone; NaN if unknown
 * @property {string} stdout
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ input?: string }} [options] input: a file, for its standard input
 * @returns {Promise<Measured>}
 */
export async function measure(command, args, { input } = {}) {
  interruption.throwIfAborted()
  const [program = command, ...rest] = knowsMemory ? [...TIME, command, ...args] : [command, ...args]
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r')
  try {
    const began = performance.now()
    // In a process group of its own, so that its children can be ended with it.
    const child = spawn(program, rest, { stdio: [stdin, 'pipe', 'pipe'], detached: true })
    const end = () => child.pid && process.kill(-child.pid, 'SIGKILL')
    interruption.addEventListener('abort', end)
    const output = Promise.all([textOf(child.stdout), textOf(child.stderr)])
    const [status] = await once(child, 'close')
    const seconds = (performance.now() - began) / 1000
    interruption.removeEventListener('abort', end)
    interruption.throwIfAborted()
    const [stdout, stderr] = await output
    // Not its arguments: there is a password among them.
    if (status !== 0) throw new Error(`${basename(command)} failed: ${(stderr || stdout).trim()}`)
    const used = knowsMemory ? stderr.trim().split('\n').at(-1)?.split(' ').map(Number) : undefined
    const [kilobytes = Number.NaN, user = Number.NaN, system = Number.NaN] = used ?? []
    return { seconds, megabytes: kilobytes / 1024, processor: user + system, stdout }
  } finally {
    if (typeof stdin === 'number') closeSync(stdin)
  }
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
