import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { addObserver } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import type { Seconds } from '../contract/receipt.js'
import { badValue } from '../contract/values.js'
import { type Figures, readFigures } from './figures.js'
import { observeRuns } from './finished-runs.js'
import type { Metrics } from './metrics.js'
import { MetricsSession } from './metrics-session.js'

/**
 * Does what makes or changes a run, and then writes the metrics into a file, for node_exporter's textfile collector; also if it failed.
 * @param warn is told why there is no new file: that is no reason for a load to fail
 * @throws DasyError BAD_OPTION if there is no folder for the file
 */
export async function withMetricsFile<Result>(
  file: string,
  options: DatabaseOptions,
  work: () => Promise<Result>,
  warn: (text: string) => void,
): Promise<Result> {
  const path = resolve(file)
  await requireFolder(file, dirname(path))
  await using session = new MetricsSession(options)
  // The embedded server stays for the figures. If there is no database, the work says why.
  await session.open().catch(() => {})
  const beside = new MetricsBeside(session)
  try {
    return await work()
  } finally {
    await beside
      .text()
      .then((text) => replace(path, text))
      .catch((error: Error) => warn(`the metrics were not written into ${file}: ${error.message}`))
  }
}

/** While the server merges, this process and one of the processors have little to do: this long after the merge has begun. */
const BESIDE_MS = 100

/** Prepares and reads the metrics beside the load, so that nobody waits for them at its end. */
class MetricsBeside {
  readonly #session: MetricsSession
  readonly #times: Seconds[] = []
  #metrics: Promise<Metrics> | undefined
  #preparing: NodeJS.Timeout | undefined
  /** As they are since the run was published. */
  #figures: Promise<Figures | undefined> | undefined

  constructor(session: MetricsSession) {
    this.#session = session
    observeRuns((seconds) => this.#times.push(seconds))
    addObserver({
      follow: () => (event) => {
        if (event.type === 'published') this.#figures = this.#read().catch(() => undefined)
        else if (event.type === 'phase' && event.phase === 'merge')
          this.#preparing ??= setTimeout(() => this.#prepare(), BESIDE_MS)
      },
    })
  }

  /** @throws DasyError if the database cannot be reached */
  async text(): Promise<string> {
    clearTimeout(this.#preparing)
    const figures = (await this.#figures) ?? (await this.#read())
    const metrics = await this.#load()
    for (const seconds of this.#times) metrics.ran(seconds)
    return await metrics.textOf(figures)
  }

  #prepare(): void {
    // So that the session knows the catalog. The table itself is locked by the load now.
    this.#session.use((session) => readFigures(session, undefined)).catch(() => {})
    this.#load().catch(() => {})
  }

  async #read(): Promise<Figures> {
    return await (await this.#load()).read()
  }

  /** The library takes a while to load. */
  #load(): Promise<Metrics> {
    this.#metrics ??= import('./metrics.js').then(
      ({ Metrics }) => new Metrics(this.#session.use, { isLasting: false }),
    )
    return this.#metrics
  }
}

async function requireFolder(file: string, folder: string): Promise<void> {
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isThere) throw badValue('--metrics-file', file, 'must be in a folder that exists')
}

/** A reader gets the old file or the new one. Its name does not end with .prom before. */
async function replace(path: string, text: string): Promise<void> {
  const whole = `${path}.${process.pid}.tmp`
  try {
    await writeFile(whole, text, { mode: 0o644 })
    await rename(whole, path)
  } catch (error) {
    await rm(whole, { force: true })
    throw error
  }
}
