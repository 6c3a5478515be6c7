// What a second worker gains while the file is copied.
import { availableParallelism } from 'node:os'
import { copying } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'workers',
  what: 'one worker and two',
  async plan(bench, { rows }) {
    if (availableParallelism() < 2)
      return { sides: [], claims: [], missing: ['left out: there is one processor'] }
    const file = await bench.files.products({ records: rows })
    const one = ingest(bench, file, '1', 'dasy ingest, one worker')
    const two = ingest(bench, file, '2', 'dasy ingest, two workers')
    return {
      sides: [one, two],
      claims: [{ of: one.name, to: two.name, figure: copying, must: 1.4, aim: 1.6, atLeast: true }],
    }
  },
}
