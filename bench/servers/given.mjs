// A database of the bench's own on a server that somebody named.
import { query } from './session.mjs'

/** @param {string} given @returns {Promise<import('./index.mjs').Server>} */
export async function databaseOn(given) {
  const name = `dasy_bench_${process.pid}`
  await query(given, `CREATE DATABASE ${name}`)
  return {
    url: Object.assign(new URL(given), { pathname: name }).href,
    destroy: async () => {
      await query(given, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}
