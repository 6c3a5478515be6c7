// pgloader's bare load: no key, no deduplication, no counts.
import { writeFile } from 'node:fs/promises'
import { demandRows, EVERY_RECORD } from '../truth.mjs'
import { BARE, makeRival } from './psql.mjs'

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {import('../files.mjs').ProductFile} file
 * @returns {Promise<import('../runner.mjs').Side>}
 */
export async function pgloader(bench, file) {
  const script = bench.path('products.load')
  await writeFile(script, commands(bench.url, file.path))
  return {
    name: 'pgloader, no key',
    prepare: () => makeRival(bench, BARE),
    run: () => bench.measure('pgloader', ['--quiet', '--root-dir', bench.path('pgloader'), script]),
    // It reports success even if it has left records out.
    verify: () => demandRows(bench, 'rival', file, EVERY_RECORD),
  }
}

/** @param {string} url @param {string} file */
function commands(url, file) {
  return `LOAD CSV
  FROM '${file}' WITH ENCODING UTF-8 (name, sku, description)
  INTO ${url}
  TARGET TABLE public.rival (name, sku, description)
  WITH skip header = 1,
       fields optionally enclosed by '"',
       fields escaped by double-quote,
       fields terminated by ',';
`
}
