import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { type CliResult, dasy } from './cli.js'
import { PATIENCE_MS } from './database.js'
import { folder } from './files.js'

/** A folder where nobody named a database, so that every command in it uses the embedded server. */
export class Workplace {
  readonly folder: string
  readonly #t: Test
  #client: pg.Client | undefined

  constructor(t: Test) {
    this.#t = t
    this.folder = folder(t)
    chmodSync(this.folder, 0o755) // the server's user is another one where the tests run as root
    t.teardown(async () => {
      await this.disconnect()
      await dasy(['db', 'destroy', '--yes'], { cwd: this.folder })
    })
  }

  /** Runs a command to its end, whatever that is. */
  try(...args: string[]): Promise<CliResult> {
    return dasy(args, { cwd: this.folder })
  }

  /** Runs a command, which must succeed. */
  async dasy(...args: string[]): Promise<CliResult> {
    return (await this.try(...args)).expectStatus(0)
  }

  async json<Value = Record<string, unknown>>(...args: string[]): Promise<Value> {
    return (await this.dasy(...args, '--json')).json<Value>()
  }

  /** Where the server's data is, once there is some. */
  async dataDirectory(): Promise<string> {
    return (await this.json<{ dataDirectory: string }>('db', 'status')).dataDirectory
  }

  /** Connects as psql would; the server must run. */
  async connect(): Promise<void> {
    await this.disconnect()
    const { url } = await this.json<{ url: string }>('db', 'url')
    this.#client = new pg.Client({ connectionString: url })
    this.#client.on('error', () => {}) // the server was stopped
    await this.#client.connect()
  }

  async disconnect(): Promise<void> {
    await this.#client?.end().catch(() => {})
    this.#client = undefined
  }

  async rows(query: string): Promise<Record<string, unknown>[]> {
    if (!this.#client) throw new Error('connect first')
    return (await this.#client.query(query)).rows
  }

  /** That the last command took the server along. A process that has just ended may be there for a moment. */
  async assertNobodyLeft(data: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (processesOf(data).length > 0 && Date.now() < deadline) await sleep(20)
    this.#t.same(processesOf(data), [], 'no process is left')
    this.#t.notOk(existsSync(join(data, 'postmaster.pid')), 'the server was shut down in order')
  }
}

/** The processes that have a path on their command line: the servers whose data lies there. */
function processesOf(path: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(path))
}
