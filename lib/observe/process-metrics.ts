import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { addObserver } from '../contract/events.js'
import type { Seconds } from '../contract/receipt.js'
import { observeRuns } from './finished-runs.js'

/** Seconds: from a small file to a night's load. */
const LOAD_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400]
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Gauges that prom-client names as counters: promtool objects. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

/** What is of this process alone: how long its runs, jobs and requests took. */
export class ProcessMetrics {
  readonly #registry = new Registry()
  readonly #runs = this.#histogram(
    'run_duration_seconds',
    'Time of a run, whole and by phase',
    LOAD_SECONDS,
    ['phase'],
  )
  readonly #waits = this.#histogram(
    'job_wait_duration_seconds',
    'How long runs waited in the queue until this process took them',
    LOAD_SECONDS,
  )
  readonly #requests = this.#histogram(
    'http_request_duration_seconds',
    'Time of a request',
    REQUEST_SECONDS,
    ['route', 'status'],
  )

  /** @param isLasting whether the process goes on: then it is of interest itself, and all its runs are observed */
  constructor(isLasting: boolean) {
    if (!isLasting) return
    collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
    observeRuns((seconds) => this.ran(seconds))
    addObserver({ taken: ({ waited }) => this.#waits.observe(waited) })
  }

  ran(seconds: Seconds): void {
    for (const [phase, time] of Object.entries(seconds)) this.#runs.observe({ phase }, time)
  }

  /** @param route the pattern, not the path: patterns are few */
  requested(route: string, status: number, seconds: number): void {
    this.#requests.observe({ route, status: `${status}` }, seconds)
  }

  async text(): Promise<string> {
    return await this.#registry.metrics()
  }

  #histogram<Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[] = []) {
    return new Histogram({ name: `dasy_${name}`, help, buckets, labelNames, registers: [this.#registry] })
  }
}
