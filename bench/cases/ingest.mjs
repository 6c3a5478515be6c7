// Into an empty table: at the usual size, on a server that is ready to replicate, and ten times as large.
import { seconds } from '../figures.mjs'
import { copyDeduplicated } from '../peers/psql.mjs'
import { ingest } from '../sides.mjs'

/** @param {(scale: import('../runner.mjs').Scale) => number} recordsOf @param {number} must @param {number} aim @returns {import('../runner.mjs').Case['plan']} */
function against(recordsOf, must, aim) {
  return async (bench, scale) => {
    const file = await bench.files.products({ records: recordsOf(scale) })
    const sides = [ingest(bench, file, scale.workers), await copyDeduplicated(bench, file)]
    const [dasy, psql] = sides.map(({ name }) => name)
    return { sides, claims: [{ of: String(dasy), to: String(psql), figure: seconds, must, aim }] }
  }
}

/** @type {import('../runner.mjs').Case[]} */
export default [
  {
    name: 'ingest',
    what: 'a file into an empty table, with deduplication and aggregate',
    plan: against(({ rows }) => rows, 1.0, 0.9),
  },
  {
    name: 'ingest-replica',
    what: 'the same on a server with wal_level = replica',
    large: true,
    settings: { wal_level: 'replica', max_wal_senders: '10' },
    plan: against(({ rows }) => rows, 1.1, 0.95),
  },
  {
    name: 'ingest-large',
    what: 'the same with ten times the records',
    large: true,
    plan: against(({ large }) => large, 0.8, 0.65),
  },
]
