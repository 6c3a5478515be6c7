// What a live aggregate costs whoever writes to its table, and whoever reads it, against none.
import { writeFile } from 'node:fs/promises'
import { seconds } from '../figures.mjs'

const SINGLE = 2000

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'aggregate',
  what: 'writing to a table with a live aggregate against one without, and reading the aggregate against GROUP BY',
  large: true,
  async plan(bench, { large }) {
    const singles = bench.path('singles.sql')
    await writeFile(
      singles,
      Array.from(
        { length: SINGLE },
        (_, n) => `INSERT INTO counted (name) VALUES ('n${n % 2 ? 0 : n}');\n`,
      ).join(''),
    )
    const prepare = (/** @type {boolean} */ live) => async () => {
      await bench.sql(
        'DROP VIEW IF EXISTS counted_agg',
        'DROP TABLE IF EXISTS counted',
        'CREATE TABLE counted (id bigserial PRIMARY KEY, name text)',
        `INSERT INTO counted (name) SELECT 'n' || n % 200000 FROM generate_series(1, ${large}) AS n`,
      )
      if (live) await bench.dasy('aggregate', 'counted', 'name')
      await bench.sql('VACUUM (ANALYZE) counted')
    }
    const side = (/** @type {string} */ name, /** @type {boolean} */ live, /** @type {string[]} */ args) => ({
      name,
      prepare: prepare(live),
      run: () => bench.psql(['-o', '/dev/null', ...args]),
      verify: async () => {
        if (!live) return
        const [row] = await bench.sql(
          `SELECT count(*)::int AS wrong
             FROM (SELECT name, count(*) FROM counted GROUP BY 1 EXCEPT SELECT name, no_of_counted FROM counted_agg) AS w`,
        )
        if (row.wrong !== 0) throw new Error(`${row.wrong} groups are wrong`)
      },
    })
    const update = ['-c', "UPDATE counted SET name = 'm' || id % 200000"]
    return {
      sides: [
        side(`${SINGLE} INSERTs, none`, false, ['-f', singles]),
        side(`${SINGLE} INSERTs, live`, true, ['-f', singles]),
        side('UPDATE of all, none', false, update),
        side('UPDATE of all, live', true, update),
        side('all groups, GROUP BY', false, ['-c', 'SELECT name, count(*) FROM counted GROUP BY 1']),
        side('all groups, live', true, ['-c', 'SELECT * FROM counted_agg']),
      ],
      claims: [{ of: 'all groups, live', to: 'all groups, GROUP BY', figure: seconds, must: 1.5, aim: 1 }],
    }
  },
}
