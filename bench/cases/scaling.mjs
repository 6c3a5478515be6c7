// Ten times the records may take ten times as long, and no longer.
import { perRecord } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'scaling',
  what: 'time per record, of a large file and of one a tenth its size',
  large: true,
  async plan(bench, { rows, large, workers }) {
    const sides = []
    for (const records of [large, rows]) {
      const name = `dasy ingest of ${records.toLocaleString('en')}`
      sides.push(ingest(bench, await bench.files.products({ records }), workers, name))
    }
    const [of = '', to = ''] = sides.map(({ name }) => name)
    return { sides, claims: [{ of, to, figure: perRecord, must: 1.2, aim: 1.0 }] }
  },
}
