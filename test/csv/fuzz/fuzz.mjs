import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrateUp } from '../../../dist/api/migrate.js'
import { makeCase } from './case.mjs'
import { checkCase, Hang } from './check.mjs'
import { Report } from './report.mjs'

/**
 * @param {object} options
 * @param {string} options.url of a database to make tables in
 * @param {number} options.seed
 * @param {Iterable<number>} options.cases numbers
 * @param {(report: Report) => void} [options.progress]
 * @param {(failure: string) => void} [options.failed]
 * @returns {Promise<Report>}
 */
export async function fuzz({ url, seed, cases, progress, failed }) {
  const folder = mkdtempSync(join(tmpdir(), 'dasy-fuzz-'))
  const client = new pg.Client({ connectionString: url, options: '-c client_min_messages=warning' })
  await client.connect()
  await migrateUp({ databaseUrl: url }) // a file with a bad header does not
  const report = new Report()
  try {
    for (const number of cases) {
      const kase = makeCase(seed, number)
      let hangs = false
      const result = await checkCase(kase, join(folder, `${number}.csv`), client, url).catch((error) => {
        hangs = error instanceof Hang
        return { problems: [String(error.stack)], loaded: 0, rejected: 0, unharmed: 0 }
      })
      report.add(kase, result)
      if (result.problems.length > 0) failed?.(/** @type {string} */ (report.failures.at(-1)))
      progress?.(report)
      if (hangs) break // it holds locks that the next case would wait for
    }
  } finally {
    await client.end()
    rmSync(folder, { recursive: true })
  }
  return report
}
