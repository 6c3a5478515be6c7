// Sides that several cases use.
import { demandCounts, demandReceipt, demandRows } from './truth.mjs'

/**
 * @typedef {import('./workbench.mjs').Workbench} Workbench
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 * @typedef {import('./runner.mjs').Side} Side
 */

/** The whole job, into an empty table. @param {Workbench} bench @param {ProductFile} file @param {string} workers @param {string} [name] @param {{ truth?: ProductFile, input?: string }} [other] what it holds, and what is its standard input, where it is no file of that name @returns {Side} */
export function ingest(bench, file, workers, name = 'dasy ingest', { truth = file, input } = {}) {
  return {
    name,
    prepare: () => bench.empty(),
    run: async () => {
      const load = await bench.dasyFrom(input, 'ingest', file.path, '--workers', workers)
      demandReceipt(load, { read: file.records, updated: 0, unchanged: 0 })
      return load
    },
    verify: () => demandProducts(bench, truth),
  }
}

/** `dasy update` of a table that holds another file. @param {Workbench} bench @param {ProductFile} held @param {ProductFile} file @param {string} workers @param {string} name @returns {Side} */
export function update(bench, held, file, workers, name) {
  return {
    name,
    prepare: () => bench.hold(held),
    run: async () => {
      const load = await bench.dasy('update', file.path, '--workers', workers)
      demandReceipt(load, { read: file.records, inserted: 0 })
      return load
    },
    verify: () => demandProducts(bench, file),
  }
}

/** @param {Workbench} bench @param {ProductFile} file */
async function demandProducts(bench, file) {
  await demandRows(bench, 'products', file)
  await demandCounts(bench, 'products')
}
