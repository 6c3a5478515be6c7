import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import root, { type Test } from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { type Beginning, beginningOf, empty } from './emptied.js'

export interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint: string | null
  readonly [fact: string]: unknown
}

export interface RequestOptions {
  /** Undefined: the admin token; null: none. */
  readonly token?: string | null | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: RequestInit['body'] | undefined
  readonly headers?: Record<string, string> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A database with a `dasy serve`, and its clients. The tests of a file share one: a process takes longer to start than most
 * tests take. Each test finds the database, the folders and the numbers of runs as they were when the service was new.
 */
export class Served {
  static #shared: Promise<Served> | undefined

  readonly cwd = folder(root)
  /** By which the service reaches the database. */
  databaseUrl: string
  url = ''
  /** Of an admin. */
  token = ''
  process: CliProcess | undefined
  #flags: readonly string[] = []
  #beginning: Beginning | undefined

  private constructor(
    public t: Test,
    readonly db: TestDatabase,
  ) {
    this.databaseUrl = db.url
  }

  /** The service of this file, as new. It is started again where a test before this one stopped it, or needs other flags. */
  static async of(t: Test, ...flags: string[]): Promise<Served> {
    Served.#shared ??= Served.#begin(t)
    const served = await Served.#shared
    served.t = t
    await served.#renew(flags)
    return served
  }

  static async #begin(t: Test): Promise<Served> {
    const served = new Served(t, await testDatabase(root))
    root.teardown(() => served.stop())
    return served
  }

  async #renew(flags: readonly string[]): Promise<void> {
    const isOther = this.databaseUrl !== this.db.url || this.#flags.join(' ') !== flags.join(' ')
    if (isOther) await this.stop()
    this.databaseUrl = this.db.url
    if (this.#beginning) await empty(this.db, this.#beginning)
    for (const name of ['dasy.config.json', '.dasy/uploads'])
      rmSync(join(this.cwd, name), { recursive: true, force: true })
    if (!this.process) await this.start(...flags)
    this.#beginning ??= await beginningOf(this.db)
  }

  get home(): string {
    return join(this.cwd, '.dasy')
  }

  get env(): Record<string, string> {
    return { DATABASE_URL: this.databaseUrl, DASY_HOST: 'a' }
  }

  /** Starts the service, again after it was stopped. */
  async start(...flags: string[]): Promise<CliProcess> {
    const port = flags.includes('--port') ? [] : ['--port', '0']
    const log = flags.includes('--log-level') ? [] : ['--log-level', 'error']
    const started = CliProcess.start(root, ['serve', ...port, '--json', ...log, ...flags], {
      env: this.env,
      cwd: this.cwd,
      limitMs: 1_800_000,
    })
    this.process = started
    this.#flags = flags
    await started.until('it serves', () => started.stdout.includes('\n'))
    const [line = ''] = started.stdout.split('\n')
    const { data } = JSON.parse(line) as { data: { url: string; tokenFile: string | null } }
    this.url = data.url
    if (data.tokenFile !== null) this.token = readFileSync(data.tokenFile, 'utf8').trim()
    return started
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending | undefined> {
    const { process } = this
    this.process = undefined
    process?.send(signal)
    return await process?.ended
  }

  /** Runs a command with the same database and configuration. */
  dasy(...args: string[]): Promise<CliResult> {
    return dasy(args, { cwd: this.cwd, env: this.env })
  }

  async tokenOf(scope: string, name = scope): Promise<string> {
    const made = await this.json<{ token: string }>('POST', '/v1/tokens', {
      json: { name, scope },
      status: 201,
    })
    return made.token
  }

  fetch(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { token = this.token, json, headers, signal } = options
    const body = json === undefined ? options.body : JSON.stringify(json)
    return fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'manual',
      ...(signal && { signal }),
      ...(body !== undefined && { body, duplex: 'half' }),
    })
  }

  /** Sends a request that must succeed. @returns the JSON that is answered */
  async json<Value = Record<string, unknown>>(
    method: string,
    path: string,
    options: RequestOptions & { readonly status?: number } = {},
  ): Promise<Value> {
    const response = await this.fetch(method, path, options)
    const text = await response.text()
    const { status = 200 } = options
    if (response.status !== status)
      throw new Error(
        `${method} ${path}: ${response.status} instead of ${status}: ${text} ${this.process?.stderr}`,
      )
    return (text === '' ? undefined : JSON.parse(text)) as Value
  }

  /** That a request fails as it must. */
  async fails(
    method: string,
    path: string,
    status: number,
    code: string,
    options: RequestOptions = {},
  ): Promise<Problem> {
    const response = await this.fetch(method, path, options)
    const text = await response.text()
    const line = `${method} ${path}`
    this.t.equal(response.status, status, `${line}: ${status}`, { text })
    this.t.match(response.headers.get('content-type'), /^application\/problem\+json/, `${line}: a problem`)
    const problem = JSON.parse(text) as Problem
    this.t.match(problem, { status, code, title: /./, detail: /./ }, `${line}: ${code}`)
    return problem
  }
}
