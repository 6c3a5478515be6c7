// The files of a campaign, and what the tables must hold before and after each load, by COPY and plain SQL alone.
import { spawnSync } from 'node:child_process'
import { appendFileSync, createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'

const GENERATOR = fileURLToPath(new URL('../../../scripts/make-products.mjs', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../../fixtures/products-1000.csv', import.meta.url))

/** @typedef {{ old: string, new: string }} Editions */

/**
 * The new edition has other descriptions, a tenth more records than the old one, and a file that nobody here wrote
 * at its end. It lacks the records at the end of the old one.
 * @param {string} folder
 * @param {number} records
 * @param {number} seed
 * @returns {Editions}
 */
export function makeEditions(folder, records, seed) {
  const editions = { old: join(folder, 'old.csv'), new: join(folder, 'new.csv') }
  const common = ['--records', `${records}`, '--seed', `${seed}`]
  generate(editions.old, ...common, '--first', `${Math.floor(records * 0.9)}`)
  generate(editions.new, ...common, '--changed', '30')
  const fixture = readFileSync(FIXTURE)
  appendFileSync(editions.new, fixture.subarray(fixture.indexOf('\r\n')))
  appendFileSync(editions.old, discontinued(Math.ceil(records / 20)))
  return editions
}

/** Records of the old edition alone. Some of their names are everybody's. */
function discontinued(/** @type {number} */ count) {
  const names = ['John Smith', '', 'Nobody Else']
  return Array.from({ length: count }, (_, n) => `\r\n${names[n % 3]},discontinued-${n},no ${n}`).join('')
}

function generate(/** @type {string} */ out, /** @type {string[]} */ ...args) {
  const { status, stderr } = spawnSync(process.execPath, [GENERATOR, '--out', out, ...args], {
    encoding: 'utf8',
    env: {},
  })
  if (status !== 0) throw new Error(`make-products failed: ${stderr}`)
}

const LAST_WINS = 'SELECT DISTINCT ON (sku) sku, name, description FROM'
const GROUPS = 'SELECT name, count(*) AS no_of_products FROM'

/** In the form of dasy.changes: all values where a row comes or goes, else those that differ. */
const CHANGES = (/** @type {string} */ before) => `
  SELECT CASE WHEN b.sku IS NULL THEN 'i' WHEN a.sku IS NULL THEN 'd' ELSE 'u' END::"char" AS op,
         ARRAY[sku] AS key,
         CASE WHEN b.sku IS NOT NULL THEN ARRAY[
           CASE WHEN a.sku IS NULL OR a.name IS DISTINCT FROM b.name THEN b.name END,
           CASE WHEN a.sku IS NULL OR a.description IS DISTINCT FROM b.description THEN b.description END] END AS old,
         CASE WHEN a.sku IS NOT NULL THEN ARRAY[
           CASE WHEN b.sku IS NULL OR a.name IS DISTINCT FROM b.name THEN a.name END,
           CASE WHEN b.sku IS NULL OR a.description IS DISTINCT FROM b.description THEN a.description END] END AS new
    FROM (${before}) AS b FULL JOIN oracle.after AS a USING (sku)
   WHERE a.sku IS NULL OR b.sku IS NULL OR (a.name, a.description) IS DISTINCT FROM (b.name, b.description)`

/**
 * Makes oracle.before and oracle.after, their aggregates before_agg and after_agg, and the changes from one to the other. Where
 * there must be no table before, there is no oracle.before either.
 * @param {string} url
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {Editions} editions
 */
export async function consultOracle(url, scenario, editions) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('CREATE SCHEMA oracle')
    await copyLastWins(client, editions.old, 'older')
    await copyLastWins(client, editions.new, 'newer')
    const { before, after } = scenario
    for (const [state, rows] of Object.entries({ before, after })) {
      if (rows === undefined) continue
      await client.query(`CREATE TABLE oracle.${state} AS ${rows}`)
      await client.query(`CREATE TABLE oracle.${state}_agg AS ${GROUPS} oracle.${state} GROUP BY name`)
    }
    const nothing = 'SELECT * FROM oracle.after WHERE false'
    await client.query(`CREATE TABLE oracle.changes AS ${CHANGES(before ?? nothing)}`)
    await client.query('DROP TABLE oracle.older, oracle.newer')
  } finally {
    await client.end()
  }
}

/**
 * @param {pg.Client} client
 * @param {string} file
 * @param {string} table
 */
async function copyLastWins(client, file, table) {
  await client.query(
    'CREATE TEMP TABLE records (position bigint GENERATED ALWAYS AS IDENTITY, name text, sku text, description text)',
  )
  const copy = copyStreams.from('COPY records (name, sku, description) FROM STDIN WITH (FORMAT csv, HEADER)')
  await pipeline(createReadStream(file), client.query(copy))
  await client.query(`CREATE TABLE oracle.${table} AS ${LAST_WINS} records ORDER BY sku, position DESC`)
  await client.query('DROP TABLE records')
}
