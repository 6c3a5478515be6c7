// The same file again: nothing has changed, so nothing may be written.
import { seconds, wal } from '../figures.mjs'
import { copyDeduplicated } from '../peers/psql.mjs'
import { demandProducts } from '../sides.mjs'
import { demandReceipt } from '../truth.mjs'

const NAME = 'dasy ingest, again'

/** @typedef {import('../workbench.mjs').Workbench} Workbench */

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'again',
  what: 'the same file again, nothing changed',
  chart: true,
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    const { records: keys } = await bench.files.deduplicated(file)
    await bench.hold(file)
    const before = await versions(bench)
    const psql = await copyDeduplicated(bench, file)
    const again = {
      name: NAME,
      prepare: () => bench.sql('DROP TABLE IF EXISTS rival'),
      run: async () => {
        const start = await walPosition(bench)
        const load = await bench.dasy('ingest', file.path, '--workers', workers)
        demandReceipt(load, { read: records, unchanged: keys, inserted: 0, updated: 0 })
        return { ...load, wal: ((await walPosition(bench)) - start) / 1e6 }
      },
      verify: async () => {
        if ((await versions(bench)) !== before) throw new Error('rows that did not change were written')
        await demandProducts(bench, file)
      },
    }
    return {
      sides: [again, psql],
      claims: [
        { of: NAME, to: psql.name, figure: seconds, must: 0.75, aim: 0.5 },
        { of: NAME, figure: wal, must: 1, aim: 0.5 },
      ],
    }
  },
}

/** Who wrote each row last, and where it lies. @param {Workbench} bench */
async function versions(bench) {
  const digest = (/** @type {string} */ table) =>
    `SELECT '${table}', count(*), sum(hashtextextended(format('%s %s', ctid, xmin), 0)) FROM ${table}`
  const [{ storage }] = await bench.sql(
    `SELECT 'dasy.groups_' || aggregate AS storage FROM dasy.aggregates WHERE relation = 'products_agg'::regclass`,
  )
  return JSON.stringify(await bench.sql(`${digest('products')} UNION ALL ${digest(storage)}`))
}

/** In bytes since the beginning. @param {Workbench} bench */
async function walPosition(bench) {
  const [{ at }] = await bench.sql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS at")
  return Number(at)
}
