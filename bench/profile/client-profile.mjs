// Where the processor time of the process itself goes, by thread and function: Node's own sampling profiler.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'

const FUNCTIONS = 14

/**
 * @typedef {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }} Node
 * @typedef {{ nodes: Node[], samples: number[], timeDeltas: number[], startTime: number, endTime: number }} Profile
 */

/** Flags that make Node write profiles. @param {string} folder */
export function profilingFlags(folder) {
  return ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder]
}

/** @param {string} folder where Node wrote them; it is removed */
export function clientTable(folder) {
  const profiles = readdirSync(folder)
    .sort()
    .map((file) => ({ thread: file.split('.')[4] ?? '', profile: read(join(folder, file)) }))
  rmSync(folder, { recursive: true })
  return profiles.map(({ thread, profile }) => threadTable(Number(thread), profile)).join('\n')
}

/** @param {string} file @returns {Profile} */
function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** @param {number} thread @param {Profile} profile */
function threadTable(thread, profile) {
  const functions = selfTimes(profile)
  const idle = functions.get('(idle)') ?? 0
  const whole = (profile.endTime - profile.startTime) / 1e6
  const busy = [...functions].filter(([name]) => name !== '(idle)').sort(([, one], [, other]) => other - one)
  const shown = busy.slice(0, FUNCTIONS).map(([name, seconds]) => `  ${seconds.toFixed(3)} s  ${name}`)
  const name = thread === 0 ? 'main thread' : `thread ${thread}`
  return [`${name}: busy for ${(whole - idle).toFixed(2)} s of ${whole.toFixed(2)} s`, ...shown].join('\n')
}

/** Seconds of each function, without what it calls. @param {Profile} profile */
function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]))
  /** @type {Map<string, number>} */
  const times = new Map()
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? ''
    // A delta is the time since the sample before.
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1e6)
  }
  return times
}

/** @param {Node} node */
function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  const name = functionName || '(anonymous)'
  return url ? `${name}, ${url.startsWith('node:') ? url : basename(url)}:${lineNumber + 1}` : name
}
