import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { CliProcess } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'

export interface Event {
  readonly type: string
  readonly timestamp: string
  readonly data: Record<string, unknown>
}

const PRODUCTS = { files: 'in/products-*.csv', key: 'sku' }

/** A folder in/ that is watched, its configuration, and a database. */
export class Inbox {
  readonly cwd: string
  /** Added to the environment of every command. */
  env: Record<string, string> = {}

  private constructor(
    readonly t: Test,
    readonly db: TestDatabase,
    cwd: string,
  ) {
    this.cwd = cwd
    mkdirSync(this.path())
  }

  /** @param dataset the settings of the dataset "products" besides its files and its key */
  static async of(t: Test, dataset: object = {}, config: object = {}, db?: TestDatabase): Promise<Inbox> {
    const inbox = new Inbox(t, db ?? (await testDatabase(t)), folder(t))
    inbox.configure(dataset, config)
    return inbox
  }

  configure(dataset: object = {}, config: object = {}): void {
    const text = JSON.stringify({ datasets: { products: { ...PRODUCTS, ...dataset } }, ...config })
    writeFileSync(join(this.cwd, 'dasy.config.json'), text)
  }

  path(...names: string[]): string {
    return join(this.cwd, 'in', ...names)
  }

  /** Drops a file of these records of sku and name. */
  drop(name: string, ...records: string[]): void {
    writeFileSync(this.path(name), ['sku,name', ...records, ''].join('\n'))
  }

  /** Drops a file that cannot be loaded: it lacks the key. */
  dropBad(name: string): void {
    writeFileSync(this.path(name), `name\nof ${name}\n`)
  }

  /** The names in a folder, sorted; none if there is no folder. */
  names(...folder: string[]): string[] {
    const path = this.path(...folder)
    return existsSync(path) ? readdirSync(path).sort() : []
  }

  receipt(...names: string[]): Record<string, unknown> {
    return JSON.parse(readFileSync(`${this.path(...names)}.receipt.json`, 'utf8'))
  }

  #options(host = 'a') {
    return { cwd: this.cwd, env: { DATABASE_URL: this.db.url, DASY_HOST: host, ...this.env } }
  }

  try(args: readonly string[], host?: string): Promise<CliResult> {
    return dasy(args, this.#options(host))
  }

  /** `dasy watch --once`. @returns its events */
  async once(status = 0, ...flags: string[]): Promise<Event[]> {
    const args = ['watch', '--once', '--json', '--settle', '0.05', ...flags]
    return eventsIn((await this.try(args)).expectStatus(status).stdout)
  }

  /** A watcher that goes on until it is stopped. */
  watch(...flags: string[]): CliProcess {
    return this.watchIn([], ...flags)
  }

  /** @param within a command that runs it */
  watchIn(within: readonly string[], ...flags: string[]): CliProcess {
    const settle = flags.includes('--settle') ? [] : ['--settle', '0.05']
    const args = ['watch', '--json', ...settle, '--poll', '0.2', ...flags]
    return CliProcess.start(this.t, args, { ...this.#options(), within })
  }

  async skus(): Promise<string[]> {
    const rows = await this.db.rows('SELECT sku FROM products ORDER BY sku')
    return rows.map(({ sku }) => sku as string)
  }
}

export function eventsIn(text: string): Event[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

/** What happened to files, in its order: `file.loaded in/a.csv`. */
export function filesIn(events: readonly Event[]): string[] {
  return events.filter(({ type }) => type.startsWith('file.')).map(({ type, data }) => `${type} ${data.file}`)
}
