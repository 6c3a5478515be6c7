import { Counter, type CounterConfiguration, Gauge, type GaugeConfiguration, Registry } from 'prom-client'
import type { Rows } from '../contract/receipt.js'
import type { Figures } from './figures.js'

const OUTCOMES = [
  'rejected',
  'duplicates',
  'inserted',
  'updated',
  'unchanged',
  'skipped',
  'deleted',
] as const satisfies (keyof Rows)[]
const JOBS = ['waiting', 'running', 'done', 'failed']
const DELIVERIES = ['delivered', 'failed']
const FILES = ['waiting', 'loaded', 'same', 'failed', 'replaced']

/** The figures of the database in Prometheus' format: made anew each time, so that nothing stays of what is gone. */
export async function exposed(figures: Figures | undefined): Promise<string> {
  const registry = new Registry()
  const make = new Metrics(registry)
  make.gauge('database_up', 'Whether the database could be asked for its figures').set(figures ? 1 : 0)
  if (figures) exposeRuns(make, figures)
  if (figures) exposeRest(make, figures)
  return await registry.metrics()
}

function exposeRuns(make: Metrics, { sums, tables }: Figures): void {
  const runs = make.counter('runs_total', 'Runs by how they ended', ['command', 'status', 'table'])
  const rows = make.counter('rows_total', 'What became of the records of completed runs; rejected: of all', [
    'table',
    'outcome',
  ])
  const read = make.counter('records_read_total', 'Records read from sources', ['table'])
  const bytes = make.counter('source_bytes_total', 'Bytes of the sources of completed runs')
  const success = make.gauge('last_success_timestamp_seconds', 'When a load last completed', ['table'])
  const succeeded = new Map<string, number>()
  for (const each of sums) {
    const { table, command, status } = each
    runs.inc({ command, status, table }, each.runs)
    for (const outcome of OUTCOMES) rows.inc({ table, outcome }, each[outcome])
    read.inc({ table }, each.read)
    bytes.inc(each.bytes)
    if (each.succeeded !== null)
      succeeded.set(table, Math.max(each.succeeded, succeeded.get(table) ?? Number.NEGATIVE_INFINITY))
  }
  for (const [table, at] of succeeded) success.set({ table }, at)
  const size = make.gauge('table_rows', "Rows of a table, by an aggregate or else the planner's estimate", [
    'table',
  ])
  for (const { table, rows: count } of tables) size.set({ table }, count)
}

function exposeRest(make: Metrics, { jobs, deliveries, files, oldestFile }: Figures): void {
  const job = make.gauge('jobs', 'Runs of the queue', ['state'])
  for (const state of JOBS) job.set({ state }, jobs.find((each) => each.state === state)?.count ?? 0)
  const delivery = make.counter('webhook_deliveries_total', 'Attempts to tell webhooks', ['outcome'])
  for (const outcome of DELIVERIES)
    delivery.inc({ outcome }, deliveries.find((each) => each.outcome === outcome)?.deliveries ?? 0)
  const file = make.gauge('watch_files', 'Files that "dasy watch" found', ['state'])
  for (const state of FILES) file.set({ state }, files.find((each) => each.state === state)?.count ?? 0)
  make
    .gauge('watch_oldest_file_seconds', 'Since when the oldest file waits that is not loaded')
    .set(oldestFile)
}

/** Makes metrics with the prefix of all. */
class Metrics {
  constructor(readonly registry: Registry) {}

  counter<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Counter<Label> {
    return new Counter(this.#configuration<CounterConfiguration<Label>>(name, help, labels))
  }

  gauge<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Gauge<Label> {
    return new Gauge(this.#configuration<GaugeConfiguration<Label>>(name, help, labels))
  }

  #configuration<Configuration>(name: string, help: string, labelNames: readonly string[]): Configuration {
    return { name: `dasy_${name}`, help, labelNames, registers: [this.registry] } as Configuration
  }
}
