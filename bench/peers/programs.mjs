// The peers that are Node programs of their own.
import { fileURLToPath } from 'node:url'
import { demandRows } from '../truth.mjs'
import { KEYED, makeRival } from './psql.mjs'

/**
 * @param {string} script
 * @param {string} name
 * @returns {(bench: import('../workbench.mjs').Workbench, file: import('../files.mjs').ProductFile) => import('../runner.mjs').Side}
 */
function program(script, name) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return (bench, file) => ({
    name,
    prepare: () => makeRival(bench, KEYED),
    run: () => bench.measure(process.execPath, [path, bench.url, file.path]),
    verify: () => demandRows(bench, 'rival', file),
  })
}

export const csvParseUpsert = program('csv-parse-upsert.mjs', 'csv-parse, upserts, no counts')
export const copyStreamsUpsert = program('copy-streams-upsert.mjs', 'pg-copy-streams, upsert, no counts')
