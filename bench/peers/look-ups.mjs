#!/usr/bin/env node
// Looks rows up by their key, with 50 clients at a time, by `pg` or by `dasy serve`. Prints the seconds that all look-ups took.
//
//   node bench/peers/look-ups.mjs pg URL KEYS
//   node bench/peers/look-ups.mjs http URL KEYS TOKEN       KEYS: a file, one on a line
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import pg from 'pg'

const CLIENTS = 50

const [way, url, file, token] = /** @type {[string, string, string, string]} */ (process.argv.slice(2))
const keys = readFileSync(file, 'utf8').trim().split('\n')
const lookUps = way === 'pg' ? byDriver() : byService()

await each(keys.slice(0, CLIENTS * 4)) // connects, and compiles
const began = performance.now()
await each(keys)
console.log((performance.now() - began) / 1000)
await lookUps.end()

/** @param {string[]} wanted */
async function each(wanted) {
  const left = wanted.values()
  const client = async () => {
    for (const key of left) {
      const found = await lookUps.row(key)
      if (found?.sku !== key) throw new Error(`another row was found for ${key}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

function byDriver() {
  const pool = new pg.Pool({ connectionString: url, max: CLIENTS })
  return {
    row: async (/** @type {string} */ key) =>
      (await pool.query('SELECT * FROM products WHERE sku = $1', [key])).rows[0],
    end: () => pool.end(),
  }
}

function byService() {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const headers = { authorization: `Bearer ${token}` }
  const row = async (/** @type {string} */ key) => {
    const path = `${url}/v1/tables/products/rows/${encodeURIComponent(key)}`
    /** @type {import('node:http').IncomingMessage} */
    const response = await new Promise((resolve, reject) => {
      request(path, { agent, headers }).on('response', resolve).on('error', reject).end()
    })
    return /** @type {any} */ (await json(response))
  }
  return { row, end: async () => agent.destroy() }
}
