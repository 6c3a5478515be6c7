// Processes of the system, as far as a test must find and end them.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** @param {number} pid */
export function isAlive(pid) {
  return stateOf(pid) !== undefined
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function send(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** `kill -9` of a server as a power cut does it: none of its processes gets to say anything any more. */
export async function killServer(/** @type {number} */ postmaster) {
  send(postmaster, 'SIGSTOP') // or it would begin to mend what its children leave
  const pids = [postmaster, ...childrenOf(postmaster)]
  for (const pid of pids) send(pid, 'SIGKILL')
  await gone(pids)
}

/** Its sessions see that, and roll back what they have begun. */
export async function killPostmaster(/** @type {number} */ postmaster) {
  const children = childrenOf(postmaster)
  send(postmaster, 'SIGKILL')
  await gone([postmaster, ...children])
}

/** @param {readonly number[]} pids */
export async function gone(pids, limitMs = 60_000) {
  const deadline = Date.now() + limitMs
  while (pids.some(isAlive)) {
    if (Date.now() > deadline) throw new Error(`processes do not end: ${pids.filter(isAlive).join(', ')}`)
    await sleep(5)
  }
}

/** Servers and commands that work in a folder or below. */
export function workingIn(/** @type {string} */ folder) {
  return allPids().filter((pid) => {
    try {
      return `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`) && isAlive(pid)
    } catch {
      return false
    }
  })
}

function childrenOf(/** @type {number} */ parent) {
  return allPids().filter((pid) => stateOf(pid)?.parent === parent)
}

function allPids() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Undefined: it has ended, whether somebody has reaped it or not. */
function stateOf(/** @type {number} */ pid) {
  try {
    // The name in brackets may hold anything, brackets included.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' || state === 'X' ? undefined : { parent: Number(parent) }
  } catch {
    return undefined
  }
}
