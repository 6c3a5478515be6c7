// Scenes in dasy's embedded server, which dasy alone starts and stops: homes that are copies of a prepared one.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Dasy } from './dasy.mjs'
import { consultOracle } from './editions.mjs'
import { gone, isAlive, killPostmaster, killServer, send } from './processes.mjs'
import { Observer } from './scene.mjs'

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

export class EmbeddedPlace {
  #folder
  #editions
  #made = 0

  /**
   * @param {string} folder
   * @param {import('./editions.mjs').Editions} editions
   */
  constructor(folder, editions) {
    this.#folder = folder
    this.#editions = editions
  }

  /** @returns {Promise<import('./scene.mjs').Scene>} */
  async scene(/** @type {Scenario} */ scenario) {
    this.#made += 1
    const home = join(this.#folder, `home-${this.#made}`)
    const prepared = await this.#prepared(scenario)
    copyFolder(prepared, home)
    const db = new Observer(() => urlOf(home))
    const start = (/** @type {readonly string[]} */ args) => this.#start(home, args)
    let kept = false
    return {
      db,
      scenario,
      start,
      postmaster: () => serverOf(home)?.pid ?? 0,
      down: (how) => down(home, how),
      up: async () => {}, // dasy does it
      visit: async () => {
        // One that lets somebody in may be about to stop, after a second Ctrl-C: dasy waits for that, and keeps it.
        await start(['db', 'start']).succeed()
        kept = true
      },
      leave: async () => {
        await db.forget()
        if (kept) await start(['db', 'stop']).succeed()
        kept = false
      },
      close: async () => {
        await db.forget()
        await down(home, 'SIGINT')
        rmSync(home, { recursive: true, force: true })
      },
    }
  }

  async #prepared(/** @type {Scenario} */ scenario) {
    const home = join(this.#folder, `prepared-${scenario.name}`)
    if (existsSync(home)) return home
    mkdirSync(home)
    await this.#start(home, ['db', 'start']).succeed()
    await consultOracle(/** @type {string} */ (urlOf(home)), scenario, this.#editions)
    const { prepared, plan } = scenario
    const commands = [...prepared(this.#editions), ...(plan ? [plan(this.#editions)] : [])]
    for (const command of commands) await this.#start(home, command).succeed()
    await this.#start(home, ['db', 'stop']).succeed()
    return home
  }

  #start(/** @type {string} */ home, /** @type {readonly string[]} */ args) {
    return new Dasy(args, this.#folder, { DASY_HOME: home })
  }
}

/** The server of a home, by what PostgreSQL itself notes. */
function serverOf(/** @type {string} */ home) {
  try {
    const lines = readFileSync(join(home, 'postgres/data/postmaster.pid'), 'utf8').split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return pid && port && isAlive(pid) ? { pid, port } : undefined
  } catch {
    return undefined
  }
}

function urlOf(/** @type {string} */ home) {
  const server = serverOf(home)
  if (!server) return undefined
  const password = readFileSync(join(home, 'postgres/password'), 'utf8')
  return `postgresql://postgres:${password}@127.0.0.1:${server.port}/dasy`
}

/**
 * @param {string} home
 * @param {import('./server.mjs').Downfall} how
 */
async function down(home, how) {
  const server = serverOf(home)
  if (!server) return
  if (how === 'SIGKILL') return await killServer(server.pid)
  if (how === 'postmaster') return await killPostmaster(server.pid)
  send(server.pid, how)
  await gone([server.pid], 30_000)
}

/** Owners and modes included: the data belongs to the server's user. */
function copyFolder(/** @type {string} */ from, /** @type {string} */ to) {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cp failed: ${stderr}`)
}
