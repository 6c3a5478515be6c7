// Checks that a table has the rows that PostgreSQL alone makes of the file: a wrong result gets no figure.

/**
 * @typedef {import('./workbench.mjs').Workbench} Workbench
 * @typedef {import('./files.mjs').ProductFile} ProductFile
 */

/** @param {Workbench} bench @param {string} table @param {ProductFile} file whose last record of each key it must hold */
export async function demandRows(bench, table, file) {
  const { path } = await bench.files.deduplicated(file)
  await bench.sql(
    'DROP TABLE IF EXISTS truth; CREATE UNLOGGED TABLE truth (sku text, name text, description text)',
  )
  await bench.psql(['-c', `\\copy truth FROM '${path}' (FORMAT csv)`])
  await demandSame(bench, table, `SELECT sku, name, description FROM ${table}`, 'SELECT * FROM truth')
  await bench.sql('DROP TABLE truth')
}

/** @param {Workbench} bench @param {string} table whose aggregate must add up to its rows */
export async function demandCounts(bench, table) {
  const counted = `SELECT name, count(*) FROM ${table} GROUP BY name`
  await demandSame(bench, `${table}_agg`, `SELECT name, no_of_products FROM ${table}_agg`, counted)
}

/** Checks the receipt of a load. @param {import('./workbench.mjs').Load} load @param {Partial<Rows>} expected */
export function demandReceipt({ receipt }, expected) {
  /** @typedef {import('../dist/index.js').Receipt['rows']} Rows */
  for (const [name, count] of Object.entries(expected)) {
    const said = receipt.rows[/** @type {keyof Rows} */ (name)]
    if (said !== count) throw new Error(`run ${receipt.run}: ${said} records ${name}, and not ${count}`)
  }
}

/** @param {Workbench} bench @param {string} what @param {string} found @param {string} wanted */
async function demandSame(bench, what, found, wanted) {
  const one = `(${found} EXCEPT ALL ${wanted})`
  const other = `(${wanted} EXCEPT ALL ${found})`
  const [row] = await bench.sql(`SELECT count(*)::integer AS wrong FROM (${one} UNION ALL ${other}) AS d`)
  if (row.wrong !== 0) throw new Error(`${what} is wrong in ${row.wrong} rows`)
}
