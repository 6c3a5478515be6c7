// A PostgreSQL that a test owns, and may do anything to.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Folders } from '../../../dist/db/embedded/folders.js'
import { settings } from '../../../dist/db/embedded/settings.js'
import { gone, killPostmaster, killServer, send } from './processes.mjs'

const DEBIAN = '/usr/lib/postgresql/15/bin'

/** How a server goes down: at once with its files as they are, its first process alone, with a word to its sessions, or in order. */
/** @typedef {'SIGKILL' | 'postmaster' | 'SIGQUIT' | 'SIGINT'} Downfall */

/**
 * @typedef {object} Where
 * @property {string} folder that the server's user may enter; data and log go there
 * @property {boolean} [debian] Debian's PostgreSQL 15 instead of the embedded one
 * @property {Record<string, string>} [settings] besides those of dasy's embedded server
 */

export class OwnServer {
  /** @type {number | undefined} */
  #pid
  #port = 0
  #folder
  #bin
  #as
  /** @type {Record<string, string>} */
  #settings

  /**
   * @param {Where} where
   * @param {string} bin
   * @param {{ uid: number, gid: number } | undefined} as
   */
  constructor({ folder, settings: more = {} }, bin, as) {
    this.#folder = folder
    this.#bin = bin
    this.#as = as
    // A killed process loses nothing that the kernel has: without the waiting there is time for more kills.
    this.#settings = { ...settings(), fsync: 'off', unix_socket_directories: '', ...more }
    // PostgreSQL 18 was the first to have it.
    if (bin === DEBIAN) delete this.#settings.io_method
  }

  /** @param {Where} where */
  static async start(where) {
    const { binaries, as } = await (await Folders.of(join(where.folder, 'home'))).locate(() => {})
    const server = new OwnServer(where, where.debian ? DEBIAN : join(binaries.folder, 'bin'), as)
    await server.#create()
    await server.up()
    return server
  }

  get data() {
    return join(this.#folder, 'data')
  }

  get pid() {
    return this.#pid ?? 0
  }

  get isUp() {
    return this.#pid !== undefined
  }

  url(database = 'postgres') {
    return `postgresql://postgres@127.0.0.1:${this.#port}/${database}`
  }

  /** Starts it on its old port, if need be, and waits until it lets us in, after a crash as well. */
  async up() {
    if (this.#pid === undefined) this.#spawn()
    const deadline = Date.now() + 30_000
    while (!(await letsIn(this.url()))) {
      if (this.#pid === undefined || Date.now() > deadline)
        throw new Error(`the server does not start: ${this.log()}`)
      await sleep(10)
    }
  }

  /** @param {Downfall} how */
  async down(how) {
    const pid = this.#pid
    if (pid === undefined) return
    if (how === 'SIGKILL') await killServer(pid)
    else if (how === 'postmaster') await killPostmaster(pid)
    else {
      send(pid, how)
      await gone([pid], 30_000)
    }
    this.#pid = undefined
  }

  /** The last that it had to say. */
  log() {
    const file = join(this.#folder, 'log')
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-3000) : ''
  }

  /** Ends it in order, if it can, so that no shared memory is left, and removes its data. */
  async destroy() {
    await this.down('SIGINT').catch(() => this.down('SIGKILL'))
    rmSync(this.data, { recursive: true, force: true })
  }

  #spawn() {
    const log = openSync(join(this.#folder, 'log'), 'a')
    const set = { ...this.#settings, port: `${this.#port}` }
    const child = spawn(
      join(this.#bin, 'postgres'),
      ['-D', this.data, ...Object.entries(set).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { cwd: this.data, stdio: ['ignore', log, log], detached: true, ...this.#as },
    )
    closeSync(log)
    const { pid } = child
    if (pid === undefined) throw new Error(`${this.#bin}/postgres cannot be started`)
    this.#pid = pid
    child.once('exit', () => {
      if (this.#pid === pid) this.#pid = undefined
    })
    child.unref()
  }

  async #create() {
    mkdirSync(this.data, { mode: 0o700 })
    if (this.#as) await chown(this.data, this.#as.uid, this.#as.gid)
    const args = ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
    const made = spawnSync(join(this.#bin, 'initdb'), args, { cwd: '/', encoding: 'utf8', ...this.#as })
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`)
    this.#port = await freePort()
  }
}

/** Runs statements in a connection of their own. */
export async function onServer(/** @type {string} */ url, /** @type {string[]} */ ...statements) {
  const client = new pg.Client({ connectionString: url, application_name: 'test' })
  client.on('error', () => {})
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end().catch(() => {})
  }
}

async function letsIn(/** @type {string} */ url) {
  return await onServer(url).then(
    () => true,
    () => false,
  )
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
