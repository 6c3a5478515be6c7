// Sessions of the bench itself.
import pg from 'pg'
import { Postmaster } from '../measure/postmaster.mjs'

/**
 * @template T
 * @param {string} url @param {(client: pg.Client) => Promise<T>} work
 */
async function withSession(url, work) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** In one session, one after the other. @param {string} url @param {string[]} texts @returns {Promise<any[]>} the last one's rows */
export async function query(url, ...texts) {
  return await withSession(url, async (client) => {
    let rows = []
    for (const text of texts) rows = (await client.query(text)).rows
    return rows
  })
}

/** The server's main process: the parent of any session's. @param {string} url */
export async function postmasterOf(url) {
  return await withSession(url, async (client) => {
    const { rows } = await client.query('SELECT pg_backend_pid() AS session')
    return Postmaster.of(rows[0].session)
  })
}
