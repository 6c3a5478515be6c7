// What every measurement needs: a server and a folder of its own, whole processes with their time and memory, medians.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { EmbeddedServer } from '../dist/db/embedded/server.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @typedef {{ seconds: number, megabytes: number, stdout: string }} Measured */

export class Workbench {
  #server

  /** @param {string} folder @param {string} url @param {EmbeddedServer | undefined} server its own, which it removes */
  constructor(folder, url, server) {
    this.folder = folder
    this.url = url
    this.#server = server
  }

  /** @param {string | undefined} url a server to use instead of one of its own */
  static async open(url) {
    const folder = await mkdtemp(join(tmpdir(), 'dasy-bench-'))
    if (url) return new Workbench(folder, url, undefined)
    const server = new EmbeddedServer({ home: join(folder, 'home') })
    await server.keep()
    return new Workbench(folder, await server.url(), server)
  }

  async close() {
    await this.#server?.destroy()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** @param {string} name in the folder */
  path(name) {
    return join(this.folder, name)
  }

  /** Makes a product file. @param {string} name @param {string[]} options of scripts/make-products.mjs */
  makeProducts(name, ...options) {
    const script = join(root, 'scripts/make-products.mjs')
    this.run(process.execPath, [script, '--out', this.path(name), ...options])
    return this.path(name)
  }

  /** @param {string[]} args */
  dasy(...args) {
    const all = [join(root, 'bin/dasy.js'), ...args, '--database-url', this.url, '--json', '--quiet']
    return this.run(process.execPath, all)
  }

  /** A whole process, from the shell. @param {string} command @param {string[]} args @returns {Measured} */
  run(command, args) {
    const began = performance.now()
    const { status, stderr, stdout } = spawnSync('/usr/bin/time', ['-f', '%M', command, ...args], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
    const kilobytes = Number(stderr.trim().split('\n').at(-1))
    return { seconds: (performance.now() - began) / 1000, megabytes: kilobytes / 1024, stdout }
  }

  /** @param {string} text */
  async sql(text) {
    const client = new pg.Client(this.url)
    await client.connect()
    await client.query(text)
    await client.end()
  }
}

/** @param {number[]} numbers */
export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

/**
 * A line for each kind of measurement: medians, and the time as a ratio to the first one's.
 * @param {Record<string, Measured[]>} results
 */
export function report(results) {
  const width = Math.max(...Object.keys(results).map((name) => name.length)) + 2
  const medians = Object.values(results).map((runs) => median(runs.map(({ seconds }) => seconds)))
  for (const [index, [name, runs]] of Object.entries(results).entries()) {
    const seconds = medians[index] ?? Number.NaN
    const ratio = seconds / (medians[0] ?? Number.NaN)
    const memory = median(runs.map(({ megabytes }) => megabytes))
    console.log(
      `${name.padEnd(width)}${seconds.toFixed(2).padStart(7)} s  ${ratio.toFixed(2)} x  ${memory.toFixed(0).padStart(4)} MB resident`,
    )
  }
}
