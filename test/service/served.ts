import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'

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

/** A database with a `dasy serve`, and its clients. */
export class Served {
  readonly cwd: string
  /** By which the service reaches the database. */
  databaseUrl: string
  url = ''
  /** Of an admin. */
  token = ''
  process: CliProcess | undefined

  private constructor(
    readonly t: Test,
    readonly db: TestDatabase,
  ) {
    this.cwd = folder(t)
    this.databaseUrl = db.url
  }

  static async of(t: Test, ...flags: string[]): Promise<Served> {
    const served = new Served(t, await testDatabase(t))
    await served.start(...flags)
    t.teardown(() => served.stop())
    return served
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
    const started = CliProcess.start(this.t, ['serve', ...port, '--json', ...log, ...flags], {
      env: this.env,
      cwd: this.cwd,
    })
    this.process = started
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
    return (await this.dasy('token', 'create', name, '--scope', scope)).expectStatus(0).stdout.trim()
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
      throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`)
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
