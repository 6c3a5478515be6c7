// A table of five types against the same columns as text, made by dasy and made before.
import { seconds } from '../figures.mjs'
import { demandReceipt } from '../truth.mjs'

const TYPES = { sku: 'text', price: 'numeric', stock: 'int', active: 'boolean', updated: 'timestamptz' }
const COLUMNS = Object.keys(TYPES)

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'typed',
  what: 'a table of five types against one of texts, with as many records as the large file',
  large: true,
  async plan(bench, { large, workers }) {
    const path = bench.path(`typed-${large}.csv`)
    const records = `SELECT 'sku-' || n AS sku, (n % 100000) / 100.0 AS price, n % 5000 AS stock, n % 3 = 0 AS active,
      timestamptz '2026-01-01' + n * interval '1 second' AS updated FROM generate_series(1, ${large}) AS n`
    await bench.psql(['-c', `\\copy (${records.replaceAll('\n', ' ')}) TO '${path}' (FORMAT csv, HEADER)`])

    const columnsAs = (/** @type {(name: string) => string} */ typeOf) =>
      COLUMNS.map((name) => `${name} ${typeOf(name)}${name === 'sku' ? ' PRIMARY KEY' : ''}`).join(', ')
    const typeOf = (/** @type {string} */ name) => TYPES[/** @type {keyof typeof TYPES} */ (name)]
    const made = `CREATE TABLE kinds (${columnsAs(typeOf)})`
    const texts = `CREATE TABLE kinds (${columnsAs(() => 'text')})`
    const side = (/** @type {string} */ name, /** @type {string[]} */ flags, create = 'SELECT') => ({
      name,
      prepare: () => bench.sql('DROP TABLE IF EXISTS kinds', create),
      run: async () => {
        const load = await bench.dasy('ingest', path, '--table', 'kinds', '--workers', workers, ...flags)
        demandReceipt(load, { read: large, inserted: large })
        return load
      },
      verify: async () => {
        const [row] = await bench.sql(
          `SELECT count(*)::int AS wrong FROM (${records}) AS r LEFT JOIN kinds AS k USING (sku)
            WHERE (r.price, r.stock, r.active, r.updated) IS DISTINCT FROM
                  (k.price::numeric, k.stock::int, k.active::boolean, k.updated::timestamptz)`,
        )
        if (row.wrong !== 0) throw new Error(`${row.wrong} rows are wrong`)
      },
    })
    const given = Object.entries(TYPES).map(([name, type]) => `${name}:${type}`)
    return {
      sides: [
        side('texts, a new table', []),
        side('types, a new table', ['--types', given.join(',')]),
        side('texts, a table that is there', [], texts),
        side('types, a table that is there', [], made),
      ],
      claims: [
        { of: 'types, a new table', to: 'texts, a new table', figure: seconds, must: 1.5, aim: 1.2 },
        {
          of: 'types, a table that is there',
          to: 'texts, a table that is there',
          figure: seconds,
          must: 1.5,
          aim: 1.2,
        },
      ],
    }
  },
}
