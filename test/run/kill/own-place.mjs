// Scenes on a server of our own: databases that are copies of one prepared for each scenario.
import { Dasy } from './dasy.mjs'
import { consultOracle } from './editions.mjs'
import { Observer } from './scene.mjs'
import { onServer } from './server.mjs'

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

export class OwnPlace {
  #server
  #folder
  #editions
  /** @type {Set<string>} */
  #prepared = new Set()
  #made = 0

  /**
   * @param {import('./server.mjs').OwnServer} server
   * @param {string} folder
   * @param {import('./editions.mjs').Editions} editions
   */
  constructor(server, folder, editions) {
    this.#server = server
    this.#folder = folder
    this.#editions = editions
  }

  /** @returns {Promise<import('./scene.mjs').Scene>} */
  async scene(/** @type {Scenario} */ scenario) {
    const server = this.#server
    await server.up()
    const prepared = await this.#prepare(scenario)
    this.#made += 1
    const name = `kill_${this.#made}`
    await onServer(server.url(), `CREATE DATABASE ${name} TEMPLATE ${prepared} STRATEGY file_copy`)
    const { plan } = scenario
    if (plan) await this.#start(name, plan(this.#editions)).succeed()
    const db = new Observer(() => (server.isUp ? server.url(name) : undefined))
    return {
      db,
      scenario,
      start: (args) => this.#start(name, args),
      postmaster: () => server.pid,
      down: (how) => server.down(how),
      up: () => server.up(),
      visit: () => server.up(),
      leave: async () => {},
      close: async () => {
        await db.forget()
        await server.up()
        await onServer(server.url(), `DROP DATABASE ${name} WITH (FORCE)`)
      },
    }
  }

  async #prepare(/** @type {Scenario} */ scenario) {
    const name = `kill_${scenario.name.replaceAll(' ', '_')}`
    if (this.#prepared.has(name)) return name
    await onServer(this.#server.url(), `CREATE DATABASE ${name} TEMPLATE template0`)
    await consultOracle(this.#server.url(name), scenario, this.#editions)
    for (const command of scenario.prepared(this.#editions)) await this.#start(name, command).succeed()
    // What a first reader would have to tidy up is done once, and not in each copy.
    await onServer(this.#server.url(name), 'VACUUM', 'CHECKPOINT')
    this.#prepared.add(name)
    return name
  }

  #start(/** @type {string} */ name, /** @type {readonly string[]} */ args) {
    return new Dasy([...args, '--database-url', this.#server.url(name)], this.#folder)
  }
}
