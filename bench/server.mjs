// The embedded server, with additional settings for a measurement.
import { spawn } from 'node:child_process'
import { openSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedServer } from '../dist/db/embedded/server.js'

const PATIENCE_MS = 60_000

export class Server {
  #server
  #data
  #started
  #set = '{}'

  /** @param {EmbeddedServer} server @param {string} data @param {string} url */
  constructor(server, data, url) {
    this.#server = server
    this.#data = data
    this.#started = readFileSync(join(data, 'postmaster.opts'), 'utf8').trim()
    this.url = url
  }

  /** @param {string} home */
  static async start(home) {
    const server = new EmbeddedServer({ home })
    try {
      const { dataDirectory } = await server.keep()
      return new Server(server, /** @type {string} */ (dataDirectory), await server.url())
    } catch (error) {
      await server.destroy()
      throw error
    }
  }

  get log() {
    return join(dirname(this.#data), 'log')
  }

  /** Makes the server run with these settings in addition to dasy's own. @param {Record<string, string>} settings */
  async use(settings) {
    const wanted = JSON.stringify(settings)
    if (wanted === this.#set) return
    await this.#server.stop()
    this.#spawn(Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]))
    await this.#untilReady()
    this.#set = wanted
  }

  /** Starts it as the first time, as the same user: PostgreSQL stores its command line beside the data. @param {string[]} more */
  #spawn(more) {
    const [program = '', ...args] = this.#started.split(' "').map((part) => part.replace(/"$/, ''))
    const { uid, gid } = statSync(this.#data)
    const log = openSync(this.log, 'a')
    const as = process.getuid?.() === 0 ? { uid, gid } : {}
    spawn(program, [...args, ...more], {
      cwd: this.#data,
      stdio: ['ignore', log, log],
      detached: true,
      ...as,
    }).unref()
  }

  async #untilReady() {
    for (const deadline = Date.now() + PATIENCE_MS; !(await this.#server.status()).running; await sleep(50)) {
      if (Date.now() > deadline) throw new Error(`the server does not start; see ${this.log}`)
    }
  }

  async destroy() {
    await this.#server.destroy()
  }
}
