// A small file into a large table: its cost must not depend on the table.
import { seconds } from '../figures.mjs'
import { demandReceipt } from '../truth.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'small-update',
  what: 'update of a few records, in a large table and in a small one',
  large: true,
  async plan(bench, { records, large, workers }) {
    await bench.empty()
    const first = records / 100
    const inLarge = await smallUpdate(bench, 'large', { records: large, first, workers })
    const inSmall = await smallUpdate(bench, 'small', { records: records / 10, first, workers })
    return {
      sides: [inLarge, inSmall],
      claims: [{ of: inLarge.name, to: inSmall.name, figure: seconds, must: 2, aim: 1.2 }],
    }
  },
}

/**
 * Two files take turns, each of which changes the rows of the other.
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} table
 * @param {{ records: number, first: number, workers: string }} options
 * @returns {Promise<import('../runner.mjs').Side>}
 */
async function smallUpdate(bench, table, { records, first, workers }) {
  const whole = await bench.files.products({ records })
  await bench.dasy('ingest', whole.path, '--table', table)
  await bench.dasy('aggregate', table, 'name')
  await bench.sql(`VACUUM (ANALYZE) ${table}`)
  const turns = [
    await bench.files.products({ records, first, changed: 100 }),
    await bench.files.products({ records, first }),
  ]
  let turn = 0
  return {
    name: `dasy update of ${first.toLocaleString('en')} in ${records.toLocaleString('en')}`,
    run: async () => {
      const { path } = /** @type {import('../files.mjs').ProductFile} */ (turns[turn++ % 2])
      const load = await bench.dasy('update', path, '--table', table, '--workers', workers)
      demandReceipt(load, { read: first, inserted: 0, unchanged: 0 })
      return load
    },
  }
}
