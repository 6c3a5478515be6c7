// The files of a campaign, and what the tables must hold before and after each load, by COPY and plain SQL alone.
import { spawnSync } from 'node:child_process'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'

const GENERATOR = fileURLToPath(new URL('../../../scripts/make-products.mjs', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../../fixtures/products-1000.csv', import.meta.url))

/** What a load finds: nothing at all, empty tables, or an earlier edition. */
/** @typedef {'bare' | 'migrated' | 'update'} Scenario */
/** @type {readonly Scenario[]} */
export const SCENARIOS = ['bare', 'migrated', 'update']

/** @typedef {{ old: string, new: string }} Editions */

/**
 * The new edition has other descriptions, a tenth more records than the old one, and a file that nobody here wrote
 * at its end.
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
  const afterHeader = fixture.subarray(fixture.indexOf('\r\n'))
  writeFileSync(editions.new, afterHeader, { flag: 'a' })
  return editions
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

/** The new edition's rows, and the old one's that the new one lacks. */
const AFTER_UPDATE = `
  TABLE oracle.newer UNION ALL
  SELECT * FROM oracle.before AS b WHERE NOT EXISTS (SELECT FROM oracle.newer AS n WHERE n.sku = b.sku)`

/**
 * Makes oracle.before and oracle.after, and their aggregates before_agg and after_agg. Where there must be no table
 * before, there is no oracle.before either.
 * @param {string} url
 * @param {Scenario} scenario
 * @param {Editions} editions
 */
export async function consultOracle(url, scenario, editions) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('CREATE SCHEMA oracle')
    await copyLastWins(client, editions.new, 'newer')
    if (scenario === 'update') await copyLastWins(client, editions.old, 'before')
    if (scenario === 'migrated') await client.query('CREATE TABLE oracle.before (LIKE oracle.newer)')
    await client.query(
      `CREATE TABLE oracle.after AS ${scenario === 'update' ? AFTER_UPDATE : 'TABLE oracle.newer'}`,
    )
    for (const state of scenario === 'bare' ? ['after'] : ['before', 'after']) {
      await client.query(`CREATE TABLE oracle.${state}_agg AS ${GROUPS} oracle.${state} GROUP BY name`)
    }
    await client.query('DROP TABLE oracle.newer')
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
