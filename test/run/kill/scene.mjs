// One database in which a run is killed, and how to look at it and get in its way.
import pg from 'pg'

/** A connection that looks on. It may be cut off by what happens to the server; the next look connects anew. */
export class Observer {
  /** @type {pg.Client | undefined} */
  #client
  #url

  /** @param {() => string | undefined} url where the server is now, if it is */
  constructor(url) {
    this.#url = url
  }

  /**
   * @param {string} text
   * @param {unknown[]} [values]
   * @returns {Promise<any[]>}
   */
  async rows(text, values) {
    try {
      return (await (await this.#connected()).query(text, values)).rows
    } catch (error) {
      if (!isLost(error)) throw error
      await this.forget()
      return (await (await this.#connected()).query(text, values)).rows
    }
  }

  /**
   * The first column of the first row.
   * @param {string} text
   * @param {unknown[]} [values]
   * @returns {Promise<any>}
   */
  async value(text, values) {
    const [row] = await this.rows(text, values)
    return row && Object.values(row)[0]
  }

  /** The same, or undefined where it cannot be known now: no server, no such table. */
  async glance(/** @type {string} */ text, /** @type {unknown[]} */ values = []) {
    return await this.value(text, values).catch(() => undefined)
  }

  /** Takes a lock in a session of its own and keeps it until told. @returns {Promise<Hold>} */
  async hold(/** @type {string} */ lock) {
    const client = await connect(this.#url())
    await client.query('BEGIN')
    await client.query(lock)
    return async () => void (await client.end().catch(() => {}))
  }

  forget() {
    const client = this.#client
    this.#client = undefined
    return client?.end().catch(() => {})
  }

  async #connected() {
    this.#client ??= await connect(this.#url())
    return this.#client
  }
}

/** @typedef {() => Promise<void>} Hold */

/** Only the server's own errors have a severity. */
function isLost(/** @type {unknown} */ error) {
  const { severity, code } = /** @type {pg.DatabaseError} */ (error)
  return severity === undefined || /^(08|57P)/.test(code ?? '')
}

async function connect(/** @type {string | undefined} */ url) {
  if (url === undefined) throw new Error('the server is away')
  const client = new pg.Client({
    connectionString: url,
    application_name: 'test',
    options: '-c work_mem=64MB', // it compares whole tables
  })
  client.on('error', () => {}) // reported by its next query
  await client.connect()
  return client
}

/**
 * @typedef {object} Scene
 * @property {Observer} db
 * @property {import('./scenarios.mjs').Scenario} scenario
 * @property {(args: readonly string[]) => import('./dasy.mjs').Dasy} start a command in this database
 * @property {() => number} postmaster process number of the server; 0: there is none
 * @property {(how: import('./server.mjs').Downfall) => Promise<void>} down
 * @property {() => Promise<void>} up where nobody else would start the server
 * @property {() => Promise<void>} visit makes sure that somebody can look, whether a server runs or not
 * @property {() => Promise<void>} leave ends that, and sees that nobody is there who should not
 * @property {() => Promise<void>} close
 */
