// How large a file can be loaded in two minutes, counts included. Measured at several sizes, because the time per record need
// not stay what it is at one.
import { perRecord, seconds } from '../figures.mjs'
import { ingest } from '../sides.mjs'

const LIMIT = 120
const SIZES = [1, 2, 4, 10, 20, 40]

/** @typedef {{ records: number, seconds: number }} Point */

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'two-minutes',
  what: `how large a file is done in ${LIMIT} s; each size once`,
  large: true,
  async plan(bench, { rows, workers }) {
    let isDone = false
    const sides = SIZES.map((times) => {
      const records = rows * times
      const name = `dasy ingest of ${records.toLocaleString('en')}`
      return {
        name,
        isDone: () => isDone,
        // Only now: a size that is not reached needs no file.
        prepare: async () => {
          await bench.files.products({ records })
          await bench.empty()
        },
        run: async () => {
          const run = await ingest(bench, await bench.files.products({ records }), workers).run()
          isDone = run.seconds > LIMIT
          return run
        },
      }
    })
    return { sides, claims: [], times: 1, conclude }
  },
}

/** @param {import('../runner.mjs').SideResult[]} results */
function conclude(results) {
  const runs = results.flatMap((side) => side.runs)
  const points = runs.map((run) => ({ records: run.receipt?.rows.read ?? 0, seconds: run.seconds }))
  const measured = runs.map(
    (run) => `${run.receipt?.rows.read.toLocaleString('en')}: ${perRecord.show(perRecord.of(run))}`,
  )
  return [`time per record at ${measured.join(', ')}`, ...answer(points)]
}

/** @param {Point[]} points */
function answer(points) {
  const [last, before] = points.toReversed()
  if (!last || !before) return []
  const slope = (last.seconds - before.seconds) / (last.records - before.records)
  const records = Math.round((last.records + (LIMIT - last.seconds) / slope) / 1e5) / 10
  const pair = [before, last]
    .map((point) => `${point.records.toLocaleString('en')} in ${seconds.show(point.seconds)}`)
    .join(' and ')
  return last.seconds > LIMIT
    ? [`${LIMIT} s lie between two measured sizes, ${pair}; on a straight line at ${records} million records`]
    : [
        `EXTRAPOLATED, not measured: ${records} million records in ${LIMIT} s, on a straight line through ${pair}`,
      ]
}
