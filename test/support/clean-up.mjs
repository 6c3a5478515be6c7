// Removes what a test run made: its server, or on somebody else's server its databases and roles.
import { existsSync } from 'node:fs'
import pg from 'pg'
import { EmbeddedServer } from '../../dist/db/embedded/server.js'

/** @param {import('./test-run.mjs').TestRun} run */
export async function cleanUp(run) {
  if (existsSync(run.home)) await new EmbeddedServer({ home: run.home }).destroy()
  else if (existsSync(run.file)) await dropLeftovers(run.read().url, run.namePrefix)
  run.removeFolder()
}

/**
 * @param {string} url
 * @param {string} prefix
 */
async function dropLeftovers(url, prefix) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const { name } of await named(client, 'SELECT datname AS name FROM pg_database', prefix)) {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`)
    }
    for (const { name } of await named(client, 'SELECT rolname AS name FROM pg_roles', prefix)) {
      await client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(name)}`)
    }
  } finally {
    await client.end()
  }
}

/**
 * @param {pg.Client} client
 * @param {string} query
 * @param {string} prefix
 * @returns {Promise<{ name: string }[]>}
 */
async function named(client, query, prefix) {
  return (
    await client.query(`SELECT name FROM (${query}) AS all_names WHERE starts_with(name, $1)`, [prefix])
  ).rows
}
