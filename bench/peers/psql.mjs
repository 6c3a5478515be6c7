// Loading by hand with psql: the sides that dasy is compared with in most cases.
import { fileURLToPath } from 'node:url'
import { demandCounts, demandRows, EVERY_RECORD } from '../truth.mjs'

const UPSERT = fileURLToPath(new URL('upsert.sql', import.meta.url))

/**
 * @typedef {import('../workbench.mjs').Workbench} Workbench
 * @typedef {import('../files.mjs').ProductFile} ProductFile
 * @typedef {import('../runner.mjs').Side} Side
 */

export const KEYED = 'sku text PRIMARY KEY, name text, description text'
export const BARE = 'sku text, name text, description text'

/** An empty table for whoever loads next, and no other of that name. @param {Workbench} bench @param {string} columns */
export async function makeRival(bench, columns) {
  await bench.sql(`DROP TABLE IF EXISTS rival, rival_agg; CREATE TABLE rival (${columns})`)
}

/** The least there is to do, on a file that somebody has deduplicated. @param {Workbench} bench @param {ProductFile} file @returns {Promise<Side>} */
export async function copyDeduplicated(bench, file) {
  const { path } = await bench.files.deduplicated(file)
  return {
    name: 'psql \\copy, deduplicated, keyed',
    prepare: () => makeRival(bench, KEYED),
    run: () => bench.psql(['-c', `\\copy rival FROM '${path}' (FORMAT csv)`]),
    verify: () => demandRows(bench, 'rival', file),
  }
}

/** No key, no deduplication: how fast bytes get in. @param {Workbench} bench @param {ProductFile} file @returns {Side} */
export function copyBare(bench, file) {
  const copy = `\\copy rival (name, sku, description) FROM '${file.path}' (FORMAT csv, HEADER)`
  return {
    name: 'psql \\copy, no key',
    prepare: () => makeRival(bench, BARE),
    run: () => bench.psql(['-c', copy]),
    verify: () => demandRows(bench, 'rival', file, EVERY_RECORD),
  }
}

/** The same job as dasy's, into what `prepare` leaves. @param {Workbench} bench @param {ProductFile} file @param {() => Promise<void>} prepare @returns {Side} */
export function upsertInSql(bench, file, prepare) {
  return {
    name: 'psql staging, upsert, aggregate',
    prepare,
    run: () => bench.psql(['-f', UPSERT], file.path),
    verify: async () => {
      await demandRows(bench, 'rival', file)
      await demandCounts(bench, 'rival')
    },
  }
}

/** @param {Workbench} bench @param {ProductFile} [held] what the table holds; nothing else */
export async function makeCountedRival(bench, held) {
  await makeRival(bench, KEYED)
  await bench.sql(
    'CREATE TABLE rival_agg (name text UNIQUE NULLS NOT DISTINCT, no_of_products bigint NOT NULL)',
  )
  if (!held) return
  const { path } = await bench.files.deduplicated(held)
  await bench.psql(['-c', `\\copy rival FROM '${path}' (FORMAT csv)`])
  await bench.sql('INSERT INTO rival_agg SELECT name, count(*) FROM rival GROUP BY name')
  await bench.sql('VACUUM (ANALYZE) rival, rival_agg')
}
