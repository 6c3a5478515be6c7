// Measures the machine before anything else, so that figures of two machines can be understood.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { median } from '../figures.mjs'
import { measure } from './process.mjs'

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url))
const TIMES = 3

/**
 * @typedef {object} Speed
 * @property {number} calculation seconds of a fixed calculation, alone
 * @property {number} together seconds of the same while two processes do it
 * @property {number} atOnce how much more two processes do at once than one: 2 at best
 * @property {number} pagePrice microseconds for a page (4 KiB) that is touched for the first time
 * @property {number} faultsAPage 1 if each page is a page fault of its own, less with huge pages
 * @property {number} copied GB/s of memory that is copied
 */

/** @returns {Promise<Speed>} */
export async function measureSpeed() {
  /** @type {Record<string, number>[]} */
  const rounds = []
  for (let time = 0; time < TIMES; time++) {
    const [alone] = await probe('calculate', 1)
    const both = await probe('calculate', 2)
    const [memory] = await probe('touch', 1)
    rounds.push({
      alone: alone.seconds,
      together: Math.max(...both.map(({ seconds }) => seconds)),
      ...memory,
    })
  }
  const of = (/** @type {string} */ name) => median(rounds.map((round) => round[name] ?? Number.NaN))
  return {
    calculation: of('alone'),
    together: of('together'),
    atOnce: median(rounds.map(({ alone = 0, together = 0 }) => (2 * alone) / together)),
    pagePrice: of('microsecondsAPage'),
    faultsAPage: of('faultsAPage'),
    copied: of('gigabytesCopied'),
  }
}

/** @param {string} what @param {number} processes at once @returns {Promise<any[]>} */
async function probe(what, processes) {
  const runs = Array.from({ length: processes }, () => measure(process.execPath, [PROBE, what]))
  return (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout))
}

/** @param {Speed} speed */
export function speedLines({ calculation, together, atOnce, pagePrice, faultsAPage, copied }) {
  const ofTwo = availableParallelism() < 2 ? '; there is one processor' : ''
  return [
    `two processors at once do ${atOnce.toFixed(2)} times the work of one (a calculation takes ${calculation.toFixed(2)} s alone, ${together.toFixed(2)} s beside another${ofTwo})`,
    `a page that is touched for the first time costs ${pagePrice.toFixed(2)} µs (${faultsAPage.toFixed(2)} page faults a page of 4 KiB); memory is copied at ${copied.toFixed(1)} GB/s`,
  ]
}

/**
 * Other load: so many processes that calculate all the time. Each is in a session of its own, as other programs of a machine are:
 * Linux may share the processors among sessions first ("autogroup"), and each backend of PostgreSQL is one.
 * @param {number} processes @returns {() => void} ends them
 */
export function burn(processes) {
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, [PROBE, 'burn'], { stdio: 'ignore', detached: true }),
  )
  return () => {
    for (const child of children) child.kill()
  }
}
