// What every measurement needs: a folder, a server with a database, and the processes that work with both.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProductFiles } from './files.mjs'
import { measure } from './measure/process.mjs'
import { difference } from './measure/usage.mjs'
import { databaseOn } from './servers/given.mjs'
import { servers } from './servers/index.mjs'
import { postmasterOf, query } from './servers/session.mjs'

export const PROGRAM = fileURLToPath(new URL('../bin/dasy.js', import.meta.url))

/**
 * @typedef {import('./measure/process.mjs').Measured & { server: import('./measure/usage.mjs').Usage }} Ran
 * @typedef {import('./measure/process.mjs').Options} Options
 * @typedef {Ran & { receipt: import('../dist/index.js').Receipt }} Load
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 * @typedef {import('./servers/index.mjs').ServerName} ServerName
 *
 * @typedef {object} Current the server that is used now
 * @property {ServerName} name
 * @property {import('./servers/index.mjs').Server} server
 * @property {import('./measure/postmaster.mjs').Postmaster} postmaster
 */

export class Workbench {
  #given
  /** @type {Current | undefined} */
  #current

  /** @param {string} folder @param {string | undefined} given a server to use in place of the embedded one */
  constructor(folder, given) {
    this.folder = folder
    this.#given = given
    this.files = new ProductFiles(this)
  }

  /** With the embedded server, or with one that was named, where it has a database of its own. @param {string} [given] */
  static async open(given) {
    const bench = new Workbench(await mkdtemp(join(tmpdir(), 'dasy-bench-')), given)
    try {
      await bench.use('embedded')
      return bench
    } catch (error) {
      await bench.close()
      throw error
    }
  }

  /** Works with this server from now on. The one before is removed, with all that was in it. @param {ServerName} name */
  async use(name) {
    if (name === this.#current?.name) return
    await this.#leave()
    const given = name === 'embedded' ? this.#given : undefined
    const server = given ? await databaseOn(given) : await servers[name](this.folder)
    this.#current = { name, server, postmaster: await postmasterOf(server.url) }
    // So that the first run that is measured does not make the schema `dasy`.
    await this.dasy('migrate', 'up')
  }

  async close() {
    await this.#leave()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #leave() {
    await this.#current?.server.destroy()
    this.#current = undefined
  }

  get current() {
    if (!this.#current) throw new Error('there is no server')
    return this.#current
  }

  get url() {
    return this.current.server.url
  }

  /** @param {string} name in the folder */
  path(name) {
    return join(this.folder, name)
  }

  /** In one session, one after the other. @param {string[]} texts @returns {Promise<any[]>} the last one's rows */
  async sql(...texts) {
    return await query(this.url, ...texts)
  }

  /** Writes dirty pages, so that no run pays for those of another. */
  async checkpoint() {
    await this.sql('CHECKPOINT')
  }

  /** A process that works with the server, and what the server used meanwhile. @param {string} command @param {string[]} args @param {Options} [options] @returns {Promise<Ran>} */
  async measure(command, args, options) {
    const { postmaster } = this.current
    const [processes, before] = [postmaster.processes(), postmaster.usage()]
    const measured = await measure(command, args, options)
    await postmaster.settle(processes)
    return { ...measured, server: difference(postmaster.usage(), before) }
  }

  /** @param {string[]} args @returns {Promise<Load>} */
  async dasy(...args) {
    return await this.dasyWith({}, ...args)
  }

  /** @param {Options & { node?: string[] }} options `node`: flags of Node itself @param {string[]} args @returns {Promise<Load>} */
  async dasyWith({ node = [], ...options }, ...args) {
    const all = [...node, PROGRAM, ...withoutHistory(args), '--database-url', this.url, '--json', '--quiet']
    const ran = await this.measure(process.execPath, all, options)
    return { ...ran, receipt: JSON.parse(ran.stdout) }
  }

  /** @param {string[]} args @param {string} [input] a file, for its standard input */
  async psql(args, input) {
    const options = input === undefined ? {} : { input }
    return await this.measure('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', this.url, ...args], options)
  }

  /** Drops the tables of the previous run. */
  async empty() {
    await this.sql('DROP VIEW IF EXISTS products_agg; DROP TABLE IF EXISTS products, rival, rival_agg')
  }

  /** `products` and `products_agg` are there and empty, as `dasy migrate up` makes them. */
  async migrated() {
    await this.empty()
    await this.dasy('migrate', 'up')
    await this.sql("SELECT 'products'::regclass, 'products_agg'::regclass")
  }

  /** `products` holds this file, as it would the day after: with its statistics, and vacuumed. @param {ProductFile} file */
  async hold(file) {
    await this.empty()
    await this.dasy('ingest', file.path)
    await this.sql('VACUUM (ANALYZE) products')
  }
}

/** Loads are measured without history; what that costs is measured by cases of its own. @param {string[]} args */
function withoutHistory(args) {
  const [command = ''] = args
  const isPlain = ['ingest', 'update'].includes(command) && !args.includes('--history')
  return isPlain ? [...args, '--no-history'] : args
}
