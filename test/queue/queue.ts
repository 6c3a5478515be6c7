import type { Test } from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { CliProcess } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

export interface Run {
  readonly run: number
  readonly status: string
  readonly error?: { readonly code: string; readonly message: string } | null
}

export interface ListedJob {
  readonly run: number
  readonly state: string
  readonly waitsFor: string | null
  readonly attempts: number
  readonly worker: { readonly host: string; readonly pid: number } | null
}

const SLOW_CLOCK = `
const now = performance.now.bind(performance)
Object.defineProperty(performance, 'now', { value: () => now() / 1000 })
`

/** The types of the events that a worker has printed, with the numbers of their runs. */
export function told(worker: CliProcess): string[] {
  const lines = worker.stdout.split('\n').filter((line) => line !== '')
  const events = lines.map((line) => JSON.parse(line) as { type: string; data: { run?: number } })
  return events.flatMap(({ type, data }) => (data.run === undefined ? [] : [`${type} ${data.run}`]))
}

/** A database with a queue, and hosts that share it. */
export class Queue {
  readonly cwd: string

  private constructor(
    readonly t: Test,
    readonly db: TestDatabase,
  ) {
    this.cwd = folder(t)
  }

  static async of(t: Test): Promise<Queue> {
    return new Queue(t, await testDatabase(t))
  }

  try(args: readonly string[], host = 'a'): Promise<CliResult> {
    return dasy(args, { cwd: this.cwd, env: { DATABASE_URL: this.db.url, DASY_HOST: host } })
  }

  /** @returns the number of the run */
  async enqueue(args: readonly string[], host?: string): Promise<number> {
    const result = await this.try(['enqueue', ...args, '--json'], host)
    return result.expectStatus(0).json<{ run: number }>().run
  }

  /** A file of this content. @returns the number of the run that is to load it */
  enqueueText(text: string, ...flags: string[]): Promise<number> {
    return this.enqueue([file(this.t, text), ...flags])
  }

  /** A worker that goes on until it is stopped. */
  work(host = 'a', ...flags: string[]): CliProcess {
    const env = { DATABASE_URL: this.db.url, DASY_HOST: host }
    return CliProcess.start(this.t, ['work', '--json', ...flags], { env, cwd: this.cwd })
  }

  /** A worker whose turn at a table does not end before its next run, also on a slow machine: its clock is a thousand times as slow. */
  workInOneTurn(): CliProcess {
    const env = { DATABASE_URL: this.db.url, DASY_HOST: 'a' }
    const nodeOptions = `--require=${file(this.t, SLOW_CLOCK, 'slow-clock.cjs')}`
    return CliProcess.start(this.t, ['work', '--json'], { cwd: this.cwd, env, nodeOptions })
  }

  async workOnce(status = 0, host?: string, ...flags: string[]): Promise<{ type: string; data: unknown }[]> {
    const { stdout } = (await this.try(['work', '--once', '--json', ...flags], host)).expectStatus(status)
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  async run(run: number): Promise<Run> {
    return (await this.try(['runs', `${run}`, '--json'])).expectStatus(0).json<Run>()
  }

  async job(run: number): Promise<ListedJob> {
    return (await this.try(['jobs', `${run}`, '--json'])).expectStatus(0).json<ListedJob>()
  }

  async jobs(): Promise<ListedJob[]> {
    return (await this.try(['jobs', '--json'])).expectStatus(0).json<ListedJob[]>()
  }

  /** Whether a run waits for a lock, because it wants to publish. */
  isMerging(run: number): Promise<boolean> {
    return this.db.value<boolean>(
      `SELECT EXISTS (SELECT FROM dasy.runs WHERE run = $1 AND state = 'merging')`,
      [run],
    )
  }

  async isCompleted(run: number): Promise<boolean> {
    const text = 'SELECT EXISTS (SELECT FROM dasy.runs WHERE run = $1 AND outcome = $2)'
    return await this.db.value<boolean>(text, [run, 'completed'])
  }

  /** Keeps every run from publishing into a table. @returns lets them */
  async hold(table: string): Promise<() => Promise<void>> {
    const client = await this.db.client()
    await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`)
    return async () => {
      await client.query('COMMIT')
    }
  }

  /** How many sessions wait for a lock on a table. */
  waitingForLock(table: string): Promise<number> {
    return this.db.value<number>(
      'SELECT count(*) FROM pg_locks WHERE relation = to_regclass($1) AND NOT granted',
      [table],
    )
  }

  /** That nothing is left of the work. */
  async leavesNothing(): Promise<void> {
    const { t, db } = this
    t.same(await db.rows('SELECT * FROM dasy_queue.jobs'), [], 'no job')
    t.equal(await db.value('SELECT count(*) FROM dasy.jobs WHERE worker IS NOT NULL'), 0, 'nobody has a run')
    const staging = `SELECT relname FROM pg_class WHERE relnamespace = 'dasy'::regnamespace AND relname ~ 'staging'`
    t.same(await db.rows(staging), [], 'no staging')
    t.same(await db.lastingStrangers(), [], 'no session')
  }
}
