// The whole job against the least there is to do, on each server, and with a large file.
import { processor, seconds } from '../figures.mjs'
import { copyDeduplicated } from '../peers/psql.mjs'
import { ingest } from '../sides.mjs'

/**
 * @typedef {import('../runner.mjs').Case} Case
 * @typedef {{ must: number, aim: number }} Limits
 */

const NEW = 'dasy ingest, new table'
const MIGRATED = 'dasy ingest, table of migrate up'

/** @param {Limits} newTable @param {Limits} migrated @param {import('../runner.mjs').Claim[]} more @returns {Case['plan']} */
function intoBoth(newTable, migrated, more = []) {
  return async (bench, { records, workers }) => {
    const file = await bench.files.products({ records })
    const psql = await copyDeduplicated(bench, file)
    return {
      sides: [
        ingest(bench, file, workers, { name: NEW }),
        ingest(bench, file, workers, { name: MIGRATED, prepare: () => bench.migrated() }),
        psql,
      ],
      claims: [
        { of: NEW, to: psql.name, figure: seconds, ...newTable },
        { of: MIGRATED, to: psql.name, figure: seconds, ...migrated },
        ...more.map((claim) => ({ ...claim, to: psql.name })),
      ],
    }
  }
}

/** @type {Limits} */
const elsewhere = { must: 1.1, aim: 0.9 }

/** @type {Case[]} */
export default [
  {
    name: 'ingest',
    what: 'a file into an empty table, deduplicated, keyed and counted',
    plan: intoBoth({ must: 1.0, aim: 0.8 }, { must: 1.05, aim: 0.85 }, [
      { of: NEW, figure: processor, must: 2.0, aim: 1.6 },
    ]),
  },
  {
    name: 'ingest-18',
    what: "the same on a server with PostgreSQL 18's own defaults",
    server: 'defaults-18',
    plan: intoBoth(elsewhere, elsewhere),
  },
  {
    name: 'ingest-15',
    what: "the same on a server with PostgreSQL 15's own defaults",
    server: 'defaults-15',
    plan: intoBoth(elsewhere, elsewhere),
  },
  {
    name: 'ingest-large',
    what: 'a file of ten times the records into a new table',
    large: true,
    async plan(bench, { large, workers }) {
      const file = await bench.files.products({ records: large })
      const psql = await copyDeduplicated(bench, file)
      return {
        sides: [ingest(bench, file, workers, { name: NEW }), psql],
        claims: [{ of: NEW, to: psql.name, figure: seconds, must: 0.8, aim: 0.6 }],
      }
    },
  },
]
