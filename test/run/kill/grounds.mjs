// Where a campaign takes place: a folder, the files, the servers, and how a command goes that nobody disturbs.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertNothingLeft, stateOf, structureOf } from './check.mjs'
import { canResume } from './dasy.mjs'
import { makeEditions } from './editions.mjs'
import { EmbeddedPlace } from './embedded-place.mjs'
import { OwnPlace } from './own-place.mjs'
import { gone, send, workingIn } from './processes.mjs'
import { OwnServer } from './server.mjs'

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */
/** @typedef {import('./round.mjs').Usual} Usual */

/**
 * @typedef {object} Grounds
 * @property {number} bytes of the file that is loaded
 * @property {Map<Scenario, Usual>} usual
 * @property {OwnPlace} own
 * @property {EmbeddedPlace} embedded
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ records: number, seed: number, debian?: boolean, scenarios: readonly Scenario[] }} options
 * @returns {Promise<Grounds>}
 */
export async function openGrounds({ records, seed, debian = false, scenarios }) {
  const folder = mkdtempSync(join(tmpdir(), 'dasy-kill-'))
  /** @type {OwnServer | undefined} */
  let server
  const close = async () => {
    await server?.destroy()
    await endAll(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    chmodSync(folder, 0o755) // for the server's user
    const [ownFolder, embeddedFolder] = [join(folder, 'own'), join(folder, 'embedded')]
    mkdirSync(ownFolder)
    mkdirSync(embeddedFolder)
    const editions = makeEditions(folder, records, seed)
    server = await OwnServer.start({ folder: ownFolder, debian })
    const own = new OwnPlace(server, ownFolder, editions)
    const bytes = statSync(editions.new).size
    const ofLoads = ['--workers', '2', '--range-size', `${Math.ceil(bytes / 40)}`]
    /** @type {Map<Scenario, Usual>} */
    const usual = new Map()
    for (const scenario of scenarios) {
      const args = [...scenario.command(editions), '--json', ...(scenario.kind === 'loads' ? ofLoads : [])]
      if (canResume) args.push('--retry-for', '60')
      usual.set(scenario, await measure(own, scenario, args))
    }
    return { bytes, usual, own, embedded: new EmbeddedPlace(embeddedFolder, editions), close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Compared with the oracle as all others are.
 * @param {OwnPlace} place
 * @param {Scenario} scenario
 * @param {string[]} args
 * @returns {Promise<Usual>}
 */
async function measure(place, scenario, args) {
  const scene = await place.scene(scenario)
  try {
    if ((await stateOf(scene.db, scenario.earlier)) !== 'before')
      throw new Error('the oracle contradicts what was prepared')
    const began = performance.now()
    const { stdout } = await scene.start(args).succeed()
    const ms = performance.now() - began
    if ((await stateOf(scene.db, scenario.earlier)) !== 'after')
      throw new Error('the oracle contradicts what nobody disturbed')
    const structure = await structureOf(scene.db)
    await assertNothingLeft(scene.db, structure)
    return { args, ms, rows: JSON.parse(stdout).rows, structure }
  } finally {
    await scene.close()
  }
}

/** Commands and embedded servers of this folder: in order where they let themselves be asked. */
async function endAll(/** @type {string} */ folder) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGKILL'])) {
    const pids = workingIn(folder)
    for (const pid of pids) send(pid, signal)
    await gone(pids).catch(() => {})
  }
}
