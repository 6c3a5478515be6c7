import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { DatabaseOptions } from '../contract/options.js'
import { badValue } from '../contract/values.js'
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
  try {
    return await work()
  } finally {
    await metrics
      .textOfDatabase()
      .then((text) => replace(path, text))
      .catch((error: Error) => warn(`the metrics were not written into ${file}: ${error.message}`))
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
