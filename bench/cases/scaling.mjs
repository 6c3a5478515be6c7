// Ten times the records may take ten times as long, and no longer, with one worker and with two.
import { perRecord } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case[]} */
export default ['1', '2'].map((workers) => ({
  name: `scaling-${workers}`,
  what: `time per record of a large file and of one a tenth its size, workers: ${workers}`,
  large: true,
  async plan(bench, { records, large }) {
    const sides = []
    for (const size of [large, records]) {
      const name = `dasy ingest of ${size.toLocaleString('en')}`
      sides.push(ingest(bench, await bench.files.products({ records: size }), workers, { name }))
    }
    const [of = '', to = ''] = sides.map(({ name }) => name)
    return { sides, claims: [{ of, to, figure: perRecord, must: 1.1, aim: 1.0 }] }
  },
}))
