// A whole command for ten records, where the start of everything is most of the work.
import { seconds } from '../figures.mjs'
import { makeCountedRival, upsertInSql } from '../peers/psql.mjs'
import { ingest } from '../sides.mjs'

const RECORDS = 10
const LEAST_TIMES = 20

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'small',
  what: `${RECORDS} records into a running server, against psql doing it by hand`,
  async plan(bench, { times, workers }) {
    const file = await bench.files.products({ records: RECORDS })
    const psql = upsertInSql(bench, file, () => makeCountedRival(bench))
    const sides = [
      ingest(bench, file, workers, { name: 'dasy ingest, new table' }),
      ingest(bench, file, workers, {
        name: 'dasy ingest, table of migrate up',
        prepare: () => bench.migrated(),
      }),
    ]
    return {
      sides: [...sides, psql],
      times: Math.max(LEAST_TIMES, times),
      claims: sides.map(({ name }) => ({ of: name, to: psql.name, figure: seconds, must: 4, aim: 2.5 })),
    }
  },
}
