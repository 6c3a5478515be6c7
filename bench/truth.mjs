// Compares what a run left with what PostgreSQL alone makes of the file: a wrong result gets no figure. Whole tables are
// compared, after each run, by their digests: the number of rows, and the sums of two hashes of 64 bits of every row.

/**
 * @typedef {import('./workbench.mjs').Workbench} Workbench
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 * @typedef {import('../dist/index.js').Receipt['rows']} Rows
 */

/**
 * Which records of a file a table holds afterwards, as a query of `numbered`: the file with a number `n` for each record.
 * @typedef {string} Outcome
 */

const ROW = 'sku, name, description'

/** The last record of each key, or the first. @param {{ key?: string, order?: 'ASC' | 'DESC' }} [options] @returns {Outcome} */
export function oneOfEachKey({ key = 'sku', order = 'DESC' } = {}) {
  return `SELECT DISTINCT ON (${key}) ${ROW}, n FROM numbered ORDER BY ${key}, n ${order}`
}

/** Keys among the first `held` records keep what they had; the others come from the whole file. @param {number} held @returns {Outcome} */
export function newKeysOnly(held) {
  return `SELECT DISTINCT ON (sku) ${ROW}, n FROM numbered ORDER BY sku, n <= ${held} DESC, n DESC`
}

/** Only keys among the first `held` records. @param {number} held @returns {Outcome} */
export function knownKeysOnly(held) {
  const known = `SELECT sku FROM numbered WHERE n <= ${held}`
  return `SELECT DISTINCT ON (sku) ${ROW}, n FROM numbered WHERE sku IN (${known}) ORDER BY sku, n DESC`
}

/** @type {Outcome} */
export const EVERY_RECORD = `SELECT ${ROW} FROM numbered`

/** @param {Workbench} bench @param {string} query */
export async function digestOf(bench, query) {
  const hash = (/** @type {number} */ seed) => `sum(hashtextextended(t::text, ${seed}))`
  const [row] = await bench.sql(
    `SELECT count(*), ${hash(0)} AS one, ${hash(1)} AS other FROM (${query}) AS t`,
  )
  return `${row.count} rows, ${row.one} ${row.other}`
}

/** @param {Workbench} bench @param {string} table @param {ProductFile} file @param {Outcome} [outcome] */
export async function demandRows(bench, table, file, outcome = oneOfEachKey()) {
  const wanted = await bench.files.digest(file, outcome)
  demandSame(table, await digestOf(bench, `SELECT ${ROW} FROM ${table}`), wanted)
}

/** @param {Workbench} bench @param {string} table whose aggregate must add up to its rows */
export async function demandCounts(bench, table) {
  const found = await digestOf(bench, `SELECT name, no_of_products AS n FROM ${table}_agg`)
  const wanted = await digestOf(bench, `SELECT name, count(*) AS n FROM ${table} GROUP BY name`)
  demandSame(`${table}_agg`, found, wanted)
}

/** @param {Workbench} bench @param {string} table @param {string[]} columns of its primary key */
export async function demandKey(bench, table, columns) {
  const [{ key }] = await bench.sql(
    `SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum)) AS key
       FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
      WHERE i.indrelid = '${table}'::regclass AND i.indisprimary AND i.indisvalid`,
  )
  demandSame(`the key of ${table}`, String(key), String(columns))
}

/** Checks the receipt of a load. @param {import('./workbench.mjs').Load} load @param {Partial<Rows>} expected */
export function demandReceipt({ receipt }, expected) {
  for (const [name, count] of Object.entries(expected)) {
    const said = receipt.rows[/** @type {keyof Rows} */ (name)]
    if (said !== count) throw new Error(`run ${receipt.run}: ${said} records ${name}, and not ${count}`)
  }
}

/** @param {string} what @param {string} found @param {string} wanted */
export function demandSame(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what} is wrong: it is ${found}, and must be ${wanted}`)
}
