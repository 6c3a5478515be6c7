import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort, Prometheus, type Sample } from '../observe/prometheus.js'
import { Served } from '../service/served.js'
import { CliProcess } from '../support/cli-process.js'
import { file } from '../support/files.js'

const EXPORTER = 'prometheus-postgres-exporter'

/** A real service, worker and exporter, which a real Prometheus scrapes, and loads in two parts: what is shown is what the second one did. */
export class Observed {
  /** Between the parts, in milliseconds. */
  between = 0
  readonly #begin = Date.now()
  work: CliProcess | undefined

  private constructor(
    readonly served: Served,
    readonly prometheus: Prometheus,
    readonly hasExporter: boolean,
  ) {}

  static async start(t: Test): Promise<Observed> {
    const served = await Served.of(t, '--no-work', '--allow-private-webhooks')
    const [workPort, exporterPort] = [await freePort(), await freePort()]
    const { cwd, env } = served
    const flags = ['--json', '--metrics-port', `${workPort}`, '--allow-private-webhooks']
    const work = CliProcess.start(t, ['work', ...flags], { env, cwd })
    const exporter = await startExporter(served, exporterPort)
    const token = await served.tokenOf('read')
    const prometheus = await Prometheus.start(t, [
      { job: 'dasy-serve', url: served.url, token },
      { job: 'dasy-work', url: `http://127.0.0.1:${workPort}` },
      ...(exporter ? [{ job: 'postgres', url: `http://127.0.0.1:${exporterPort}`, interval: '2s' }] : []),
    ])
    const observed = new Observed(served, prometheus, exporter !== undefined)
    observed.work = work
    await served.json('POST', '/v1/webhooks', {
      // Nobody listens there.
      json: { url: `http://127.0.0.1:${await freePort()}/`, events: ['run.completed'] },
      status: 201,
    })
    await observed.load(t)
    await observed.arrives()
    observed.between = Date.now()
    await observed.load(t)
    await observed.waitForOtherHost()
    await observed.arrives()
    // Twice: rates need it.
    await prometheus.until('the exporter has answered', async () => {
      const seen = await prometheus.query('count_over_time(pg_stat_database_xact_commit[1h])')
      return !exporter || seen.some(({ value }) => value > 1)
    })
    return observed
  }

  /** Through the queue and past it; with rejects, a failure, and one that is over the limit. */
  async load(t: Test): Promise<void> {
    const { served } = this
    const body = 'sku,name\n1,a\n2,b\n2,c\n'
    const headers = { 'content-type': 'text/csv' }
    await served.json('POST', '/v1/runs?wait=true&table=products&key=sku', { body, headers })
    const bad = file(t, 'sku,name\n1,x\n"3"y,d\n', 'bad.csv')
    ;(await served.dasy('ingest', bad)).expectStatus(3)
    ;(await served.dasy('ingest', bad, '--restart', '--max-rejects', '1')).expectStatus(0)
    const twice = file(t, 'sku,name\n1,x\n1,y\n', 'twice.csv')
    ;(await served.dasy('ingest', twice, '--duplicates', 'error')).expectStatus(1)
  }

  /** Has a file arrive that only a worker of another host could load. */
  async waitForOtherHost(): Promise<void> {
    const { cwd, env, t } = this.served
    mkdirSync(join(cwd, 'in'))
    writeFileSync(join(cwd, 'in', 'a.csv'), 'sku,name\n1,a\n')
    const datasets = { files: { files: 'in/*.csv', key: 'sku', table: 'files' } }
    writeFileSync(join(cwd, 'dasy.config.json'), JSON.stringify({ datasets }))
    const watch = CliProcess.start(t, ['watch', '--no-work', '--json', '--settle', '0.05'], {
      env: { ...env, DASY_HOST: 'b' },
      cwd,
    })
    await this.prometheus.until('it waits', async () => (await this.ledger(WAITING)) === 1)
    watch.send('SIGTERM')
    await watch.ended
  }

  /** Until Prometheus has what the ledger has, from both processes. */
  async arrives(): Promise<void> {
    const [runs, failed] = [await this.ledger(RUNS), await this.ledger(FAILED_DELIVERIES)]
    const waiting = await this.ledger(WAITING)
    await this.prometheus.until('all is scraped', async () => {
      const counts = await this.prometheus.query('sum by (instance) (dasy_runs_total)')
      const jobs = await this.prometheus.query('dasy_jobs{state="waiting"}')
      const deliveries = await this.prometheus.query('dasy_webhook_deliveries_total{outcome="failed"}')
      return (
        counts.length === 2 &&
        counts.every(({ value }) => value === runs) &&
        jobs.every(({ value }) => value === waiting) &&
        deliveries.every(({ value }) => value >= failed)
      )
    })
  }

  ledger(text: string): Promise<number> {
    return this.served.db.value<number>(text)
  }

  /** What a query shows that looks back to the time between the parts, wherever it looks back. */
  async shows(query: string, time = Date.now()): Promise<Sample[]> {
    const back = `${time - this.between}ms`
    const text = query
      .replaceAll('$__rate_interval', `${time - this.#begin}ms`)
      .replaceAll(/\$__(interval|range)/g, back)
      .replaceAll(/offset \d+[smhd]\b/g, `offset ${back}`)
      .replaceAll('$table', '.*')
      .replaceAll('$database', new URL(this.served.databaseUrl).pathname.slice(1))
    const parameters = new URLSearchParams({ query: text, time: `${time / 1000}` })
    const response = await fetch(`${this.prometheus.url}/api/v1/query?${parameters}`)
    const { error, data } = (await response.json()) as {
      error?: string
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    if (error) throw new Error(`${text}: ${error}`)
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
}

export const RUNS = `SELECT count(*)::int FROM dasy.runs WHERE outcome IN ('completed', 'failed', 'rejected')`
const WAITING = `SELECT count(*)::int FROM dasy.jobs WHERE waiting`
const FAILED_DELIVERIES = 'SELECT count(*)::int FROM dasy.deliveries WHERE error IS NOT NULL'

/** PostgreSQL's own figures: Debian has the exporter. */
async function startExporter({ t, db }: Served, port: number): Promise<ChildProcess | undefined> {
  if (spawnSync(EXPORTER, ['--version']).error && !process.env.CI) return undefined
  // Its driver refuses a password that was hashed fewer times, as the embedded server does it.
  await db.rows(
    `SELECT set_config('scram_iterations', '4096', false) WHERE current_setting('server_version_num')::int >= 160000`,
  )
  const { name, url } = await db.role()
  await db.run(`GRANT pg_monitor TO ${name}`)
  const child = spawn(EXPORTER, [`--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DATA_SOURCE_NAME: `${url}?sslmode=disable` },
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return child
}
