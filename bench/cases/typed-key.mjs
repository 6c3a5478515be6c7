// A key of numbers against the same key as text.
import { seconds } from '../figures.mjs'
import { demandKey, demandReceipt, demandSame, digestOf } from '../truth.mjs'

/** Keys in no order, and one in fifteen twice; the last record of a key wins. */
const KEYS = '(n % (r * 14 / 15)) * 2654435761 % 100000000003'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'typed-key',
  what: 'a key of numbers against the same as text, in a new table',
  async plan(bench, { records, workers }) {
    const path = bench.path(`typed-key-${records}.csv`)
    const all = `SELECT n, ${KEYS} AS id, 'name ' || n % 1000 AS name, repeat(md5(n::text), 3) AS description FROM generate_series(1, ${records}::bigint) AS n, (SELECT ${records}::bigint) AS o(r)`
    await bench.psql([
      '-c',
      `\\copy (SELECT id, name, description FROM (${all}) AS a ORDER BY n) TO '${path}' (FORMAT csv, HEADER)`,
    ])
    const last = `SELECT DISTINCT ON (id) id::text, name, description FROM (${all}) AS a ORDER BY id, n DESC`
    const wanted = await digestOf(bench, last)
    const side = (/** @type {string} */ type) => ({
      name: `dasy ingest, key of type ${type}`,
      prepare: () => bench.sql('DROP TABLE IF EXISTS keyed'),
      run: async () => {
        const flags = ['--table', 'keyed', '--key', 'id', '--types', `id:${type}`]
        const load = await bench.dasy('ingest', path, '--workers', workers, ...flags)
        demandReceipt(load, { read: records, rejected: 0 })
        return load
      },
      verify: async () => {
        await demandKey(bench, 'keyed', ['id'])
        demandSame('keyed', await digestOf(bench, 'SELECT id::text, name, description FROM keyed'), wanted)
      },
    })
    const [number, text] = [side('bigint'), side('text')]
    return {
      sides: [number, text],
      claims: [{ of: number.name, to: text.name, figure: seconds, must: 1.15, aim: 1.0 }],
    }
  },
}
