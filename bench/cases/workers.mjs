// What a second worker gains while the file is copied.
import { availableParallelism } from 'node:os'
import { copying } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'workers',
  what: 'one worker and two',
  async plan(bench, { records }) {
    if (availableParallelism() < 2)
      return { sides: [], claims: [], missing: ['left out: there is one processor'] }
    const file = await bench.files.products({ records })
    const one = ingest(bench, file, '1', { name: 'dasy ingest, one worker' })
    const two = ingest(bench, file, '2', { name: 'dasy ingest, two workers' })
    return {
      sides: [one, two],
      claims: [{ of: one.name, to: two.name, figure: copying, must: 1.4, aim: 1.6, atLeast: true }],
    }
  },
}
