// The memory of the process does not grow with the file.
import { memory } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @param {'records' | 'large'} size @returns {import('../runner.mjs').Case['plan']} */
function held(size) {
  return async (bench, scale) => {
    const file = await bench.files.products({ records: scale[size] })
    const side = ingest(bench, file, scale.workers)
    const workers = Number(scale.workers)
    const claim = { of: side.name, figure: memory, must: 100 + 25 * workers, aim: 80 + 10 * workers }
    return { sides: [side], claims: [claim] }
  }
}

/** @type {import('../runner.mjs').Case[]} */
export default [
  { name: 'memory', what: 'resident memory of the process', plan: held('records') },
  { name: 'memory-large', what: 'the same with ten times the records', large: true, plan: held('large') },
]
