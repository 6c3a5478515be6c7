// Into a table that holds the file as it was before.
import { seconds } from '../figures.mjs'
import { makeCountedRival, upsertInSql } from '../peers/psql.mjs'
import { update } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
const tenth = {
  name: 'update-tenth',
  what: 'update, a tenth of the records changed',
  async plan(bench, { records, workers }) {
    const held = await bench.files.products({ records })
    const file = await bench.files.products({ records, changed: 10 })
    const changed = update(bench, held, file, workers, 'dasy update, a tenth changed')
    const same = update(bench, held, held, workers, 'dasy update, nothing changed')
    return {
      sides: [changed, same],
      claims: [{ of: changed.name, to: same.name, figure: seconds, must: 1.3, aim: 1.15 }],
    }
  },
}

/** @type {import('../runner.mjs').Case} */
const all = {
  name: 'update-all',
  what: 'update, every record changed',
  chart: true,
  async plan(bench, { records, workers }) {
    const held = await bench.files.products({ records })
    const file = await bench.files.products({ records, changed: 100 })
    const dasy = update(bench, held, file, workers, 'dasy update, all changed')
    const sql = upsertInSql(bench, file, () => makeCountedRival(bench, held))
    return {
      sides: [dasy, sql],
      claims: [{ of: dasy.name, to: sql.name, figure: seconds, must: 0.9, aim: 0.7 }],
    }
  },
}

export default [tenth, all]
