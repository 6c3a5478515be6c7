// What it costs that a load can be seen by operators.
import { seconds } from '../figures.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'observed',
  what: 'a new table, with sums in the ledger and a metrics file, against a ledger without sums',
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    /** @param {'ENABLE' | 'DISABLE'} how */
    const sums = async (how) => {
      await bench.empty()
      await bench.sql(`ALTER TABLE dasy.runs ${how} TRIGGER total_run`)
    }
    const plain = ingest(bench, file, workers, {
      name: 'dasy ingest, not observed',
      prepare: () => sums('DISABLE'),
    })
    const observed = ingest(bench, file, workers, {
      name: 'dasy ingest, observed',
      prepare: () => sums('ENABLE'),
      flags: ['--metrics-file', bench.path('dasy.prom')],
    })
    return {
      sides: [plain, observed],
      claims: [{ of: observed.name, to: plain.name, figure: seconds, must: 1.01 }],
    }
  },
}
