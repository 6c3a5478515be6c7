import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { TestRun } from './test-run.mjs'

type Row = Record<string, unknown>

// Counts as numbers; none here is beyond 2^53.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** A role that is not the owner of anything. */
export interface TestRole {
  readonly name: string
  /** Of this database, as this role. */
  readonly url: string
}

/** How long dasy's connections may take to be gone once it says it is done: a backend ends after its client. */
export const PATIENCE_MS = 60_000

/**
 * A database of its own for one test, on the server of this run. When the test ends nobody but the test itself may
 * be connected to it; then it is dropped.
 */
export async function testDatabase(t: Test, encoding = 'UTF8'): Promise<TestDatabase> {
  const run = TestRun.current()
  const database = await TestDatabase.create(run.read().url, run.namePrefix, encoding)
  t.teardown(() => database.drop())
  return database
}

export class TestDatabase {
  readonly url: string
  readonly name: string
  readonly #server: string
  readonly #prefix: string
  readonly #clients: pg.Client[] = []
  readonly #roles: string[] = []
  #main: Promise<pg.Client> | undefined

  private constructor(server: string, prefix: string) {
    this.#server = server
    this.#prefix = prefix
    this.name = prefix + randomBytes(4).toString('hex')
    this.url = withDatabase(server, this.name)
  }

  static async create(server: string, prefix: string, encoding = 'UTF8'): Promise<TestDatabase> {
    const database = new TestDatabase(server, prefix)
    // template0 and the encoding, so that it is the same whatever somebody made of the server's template1.
    const locale = encoding === 'UTF8' ? '' : ` LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`
    await database.#onServer(
      `CREATE DATABASE ${database.name} TEMPLATE template0 ENCODING '${encoding}'${locale}`,
    )
    return database
  }

  /** Runs a query. @returns its rows */
  async rows<Result = Row>(text: string, values: unknown[] = []): Promise<Result[]> {
    return (await (await this.#client()).query(text, values)).rows as Result[]
  }

  /** The first row. */
  async row<Result = Row>(text: string, values: unknown[] = []): Promise<Result> {
    const [first] = await this.rows<Result>(text, values)
    if (first === undefined) throw new Error(`no row: ${text}`)
    return first
  }

  /** The first column of the first row. */
  async value<Result = unknown>(text: string, values: unknown[] = []): Promise<Result> {
    return Object.values(await this.row(text, values))[0] as Result
  }

  /** Runs one or more statements. @returns rows that the (last) statement touched */
  async run(text: string): Promise<number> {
    const result = await (await this.#client()).query(text)
    return (Array.isArray(result) ? result.at(-1) : result).rowCount ?? 0
  }

  /** The columns of a table, or of a query in brackets. */
  async columns(relation: string): Promise<string[]> {
    const { fields } = await (await this.#client()).query(`SELECT * FROM ${relation} LIMIT 0`)
    return fields.map(({ name }) => name)
  }

  /** Another connection; it is ended with the test. */
  async client(url = this.url): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      types,
      application_name: 'test',
      // A role named dasy would make its tables in the schema dasy ("$user" comes first).
      options: '-c search_path=public',
    })
    client.on('error', () => {}) // reported by its next query
    await client.connect()
    this.#clients.push(client)
    return client
  }

  /** After the server was restarted, which ends every connection. */
  reconnect(): void {
    this.#main = undefined
  }

  /** A role that may log in and nothing else. Roles belong to the server: it is dropped with the database. */
  async role(): Promise<TestRole> {
    const name = `${this.#prefix}role_${randomBytes(4).toString('hex')}`
    const password = randomBytes(8).toString('hex')
    await this.run(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
    this.#roles.push(name)
    const url = new URL(this.url)
    url.username = name
    url.password = password
    return { name, url: url.href }
  }

  /** Connections to this database besides the test's own, as "name: state". */
  async strangers(): Promise<string[]> {
    const rows = await this.rows<{ who: string }>(
      `SELECT format('%s: %s %s', application_name, state, query) AS who
         FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND pid <> ALL ($1) ORDER BY 1`,
      [await this.#ownBackends()],
    )
    return rows.map(({ who }) => who)
  }

  /** The same, after what is just about to end had the time to. */
  async lastingStrangers(): Promise<string[]> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const strangers = await this.strangers()
      if (strangers.length === 0 || Date.now() > deadline) return strangers
      await sleep(20)
    }
  }

  /** @throws if somebody else is still connected */
  async drop(): Promise<void> {
    const strangers = await this.lastingStrangers()
    await Promise.all(this.#clients.map((client) => client.end().catch(() => {})))
    await this.#onServer(
      `DROP DATABASE ${this.name} WITH (FORCE)`,
      ...this.#roles.map((role) => `DROP ROLE ${role}`),
    )
    if (strangers.length > 0) throw new Error(`connections were left behind:\n${strangers.join('\n')}`)
  }

  async #client(): Promise<pg.Client> {
    this.#main ??= this.client()
    return this.#main
  }

  async #ownBackends(): Promise<number[]> {
    await this.#client()
    return this.#clients.map((client) => (client as unknown as { processID: number }).processID)
  }

  async #onServer(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.#server })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
