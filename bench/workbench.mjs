// What every measurement needs: a folder, a database, and the processes that work with both.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { ProductFiles } from './files.mjs'
import { measure } from './process.mjs'
import { Server } from './server.mjs'

export const PROGRAM = fileURLToPath(new URL('../bin/dasy.js', import.meta.url))

/**
 * @typedef {import('./process.mjs').Measured & { receipt: import('../dist/index.js').Receipt }} Load
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 */

export class Workbench {
  #given

  /**
   * @param {string} folder
   * @param {string} url
   * @param {Server | undefined} server its own, which it removes
   * @param {string | undefined} given the server that was named; there the workbench has a database of its own
   */
  constructor(folder, url, server, given) {
    this.folder = folder
    this.url = url
    this.server = server
    this.#given = given
    this.files = new ProductFiles(this)
  }

  /** @param {string | undefined} given a server to use instead of one of its own */
  static async open(given) {
    const folder = await mkdtemp(join(tmpdir(), 'dasy-bench-'))
    try {
      if (given) return new Workbench(folder, await createDatabase(given), undefined, given)
      const server = await Server.start(join(folder, 'home'))
      return new Workbench(folder, server.url, server, undefined)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  async close() {
    await this.server?.destroy()
    if (this.#given)
      await query(this.#given, `DROP DATABASE ${new URL(this.url).pathname.slice(1)} WITH (FORCE)`)
    await rm(this.folder, { recursive: true, force: true })
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

  /** @param {string[]} args @returns {Promise<Load>} */
  async dasy(...args) {
    return await this.dasyFrom(undefined, ...args)
  }

  /** @param {string | undefined} input a file, for its standard input @param {string[]} args @returns {Promise<Load>} */
  async dasyFrom(input, ...args) {
    const all = [PROGRAM, ...args, '--database-url', this.url, '--json', '--quiet']
    const measured = await measure(process.execPath, all, input ? { input } : {})
    return { ...measured, receipt: JSON.parse(measured.stdout) }
  }

  /** @param {string[]} args @param {string} [input] a file, for its standard input */
  async psql(args, input) {
    const options = input === undefined ? {} : { input }
    return await measure('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', this.url, ...args], options)
  }

  /** Drops the tables of the previous run. */
  async empty() {
    await this.sql('DROP VIEW IF EXISTS products_agg; DROP TABLE IF EXISTS products, rival, rival_agg')
  }

  /** `products` holds this file, as it would the day after: with its statistics, and vacuumed. @param {ProductFile} file */
  async hold(file) {
    await this.empty()
    await this.dasy('ingest', file.path)
    await this.sql('VACUUM (ANALYZE) products')
  }
}

/** @param {string} given */
async function createDatabase(given) {
  const name = `dasy_bench_${process.pid}`
  await query(given, `CREATE DATABASE ${name}`)
  return Object.assign(new URL(given), { pathname: name }).href
}

/** @param {string} url @param {string[]} texts */
async function query(url, ...texts) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    let rows = []
    for (const text of texts) rows = (await client.query(text)).rows
    return rows
  } finally {
    await client.end()
  }
}
