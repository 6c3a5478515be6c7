import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { addObserver } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import { badValue } from '../contract/values.js'
import { type Figures, learnFigures } from './figures.js'
import { Metrics } from './metrics.js'
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
  const metrics = new Metrics(session.use, { isLasting: false })
  const early = new EarlyFigures(session, metrics)
  try {
    return await work()
  } finally {
    await early
      .read()
      .then((figures) => metrics.textOf(figures))
      .then((text) => replace(path, text))
      .catch((error: Error) => warn(`the metrics were not written into ${file}: ${error.message}`))
  }
}

/** Reads the figures beside the load, on the processor that it does not use: nobody waits for them at its end. */
class EarlyFigures {
  readonly #metrics: Metrics
  #isConnected = false
  /** Since the last run of this process was published. */
  #figures: Promise<Figures | undefined> | undefined

  constructor(session: MetricsSession, metrics: Metrics) {
    this.#metrics = metrics
    addObserver({
      follow: () => (event) => {
        if (event.type === 'run') this.#figures = undefined
        else if (event.type === 'published') this.#figures = metrics.read().catch(() => undefined)
        else if (event.type === 'phase' && event.phase === 'merge') this.#connect(session)
      },
    })
  }

  /** @throws DasyError if the database cannot be reached */
  async read(): Promise<Figures> {
    return (await this.#figures) ?? (await this.#metrics.read())
  }

  /** While the server merges, this process has little to do. */
  #connect(session: MetricsSession): void {
    if (this.#isConnected) return
    this.#isConnected = true
    void session.use(learnFigures).catch(() => {})
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
