import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { folder } from '../support/files.js'

/** Only there to end what hangs. */
const LIMIT_MS = 120_000

const isMissing = spawnSync('prometheus', ['--version']).error !== undefined

/** For tests that need it: whether they are skipped. CI has it. */
export const withoutPrometheus =
  isMissing && !process.env.CI ? 'there is no prometheus (apt-get install prometheus)' : false

export interface Target {
  readonly job: string
  readonly url: string
  readonly token?: string
  /** How often, and at most how long it may take. */
  readonly interval?: string
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What Prometheus itself says of metrics in its text format: nothing if they are as they should be. */
export function complaints(text: string): string {
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  return status === 0 ? `${stdout}${stderr}`.trim() : `status ${status}: ${stdout}${stderr}`
}

/** A real Prometheus that scrapes real processes. */
export class Prometheus {
  private constructor(readonly url: string) {}

  static async start(t: Test, targets: readonly Target[]): Promise<Prometheus> {
    const where = folder(t)
    const jobs = targets.map(({ job, url, token, interval }) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(url).host] }],
      ...(token !== undefined && { authorization: { credentials: token } }),
      ...(interval !== undefined && { scrape_interval: interval, scrape_timeout: interval }),
    }))
    const global = { scrape_interval: '300ms', scrape_timeout: '300ms' }
    // JSON is YAML.
    writeFileSync(join(where, 'prometheus.yml'), JSON.stringify({ global, scrape_configs: jobs }))
    const port = await freePort()
    const child = spawn(
      'prometheus',
      [
        ...[`--config.file=${join(where, 'prometheus.yml')}`, `--storage.tsdb.path=${join(where, 'data')}`],
        ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
      ],
      { stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => child.once('close', resolve))
    t.teardown(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`)
    await prometheus.until('it is ready', async () => {
      const response = await fetch(`${prometheus.url}/-/ready`).catch(() => undefined)
      return response?.ok ?? false
    })
    return prometheus
  }

  async query(text: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query: text })}`)
    const { status, error, data } = (await response.json()) as {
      status: string
      error?: string
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    if (status !== 'success') throw new Error(`${text}: ${error}`)
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + LIMIT_MS
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`never ${what}`)
      await sleep(100)
    }
  }

  /** That every process tells the same of a series. */
  async shows(t: Test, series: string, value: number, instances: number): Promise<void> {
    let seen: Sample[] = []
    const isSo = async (): Promise<boolean> => {
      seen = await this.query(series)
      return seen.length === instances && seen.every((each) => each.value === value)
    }
    await this.until(`${series} is ${value}`, isSo).catch((error) => {
      t.fail(error.message, { seen })
    })
    t.equal(seen.length, instances, `${series} is ${value} in each process`)
  }
}
