// Sides that several cases use.
import { demandCounts, demandKey, demandReceipt, demandRows, oneOfEachKey } from './truth.mjs'

/**
 * @typedef {import('./workbench.mjs').Workbench} Workbench
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 * @typedef {import('./runner.mjs').Side} Side
 *
 * @typedef {object} Ingest
 * @property {string} [name]
 * @property {ProductFile} [truth] what the table must hold, if it is not the file that is named
 * @property {string} [input] a file, for standard input
 * @property {() => Promise<void>} [prepare] what the run finds; without it no table
 * @property {string[]} [flags]
 * @property {import('./truth.mjs').Outcome} [outcome] which records the table must hold
 * @property {string[]} [key]
 */

/** The whole job. @param {Workbench} bench @param {ProductFile} file @param {string} workers @param {Ingest} [options] @returns {Side} */
export function ingest(bench, file, workers, options = {}) {
  const { name = 'dasy ingest', truth = file, input, prepare = () => bench.empty() } = options
  const { flags = [], outcome = oneOfEachKey(), key = ['sku'] } = options
  return {
    name,
    prepare,
    run: async () => {
      const given = input === undefined ? {} : { input }
      const load = await bench.dasyWith(given, 'ingest', file.path, '--workers', workers, ...flags)
      demandReceipt(load, { read: file.records, rejected: 0, updated: 0 })
      return load
    },
    verify: () => demandProducts(bench, truth, outcome, key),
  }
}

/** `dasy update` of a table that holds another file. @param {Workbench} bench @param {ProductFile} held @param {ProductFile} file @param {string} workers @param {string} name @param {string[]} [flags] @returns {Side} */
export function update(bench, held, file, workers, name, flags = []) {
  return {
    name,
    prepare: () => bench.hold(held),
    run: async () => {
      const load = await bench.dasy('update', file.path, '--workers', workers, ...flags)
      demandReceipt(load, { read: file.records, inserted: 0 })
      return load
    },
    verify: () => demandProducts(bench, file),
  }
}

/** @param {Workbench} bench @param {ProductFile} file @param {import('./truth.mjs').Outcome} [outcome] @param {string[]} [key] */
export async function demandProducts(bench, file, outcome = oneOfEachKey(), key = ['sku']) {
  await demandKey(bench, 'products', key)
  await demandRows(bench, 'products', file, outcome)
  await demandCounts(bench, 'products')
}
