// The product files of a measurement, each made once, and what a table must hold afterwards, computed by PostgreSQL
// without dasy's code.
import { statfs } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { measure } from './measure/process.mjs'
import { digestOf, oneOfEachKey } from './truth.mjs'

const MAKE = fileURLToPath(new URL('../scripts/make-products.mjs', import.meta.url))

/** A record of a file, its row, its staged row, its log, the sort that finds what is right, and the peer's copy. */
const BYTES_A_RECORD = 1200

/**
 * @typedef {object} ProductFile
 * @property {string} path
 * @property {number} records
 *
 * @typedef {object} Kind
 * @property {number} records
 * @property {number} [changed] percent of the records that have another description
 * @property {number} [first] only so many of them
 */

export class ProductFiles {
  #bench
  /** @type {Map<string, Promise<ProductFile>>} */
  #made = new Map()
  /** @type {Map<string, Promise<ProductFile>>} */
  #deduplicated = new Map()
  /** @type {Map<string, Promise<string>>} */
  #digests = new Map()

  /** @param {import('./workbench.mjs').Workbench} bench */
  constructor(bench) {
    this.#bench = bench
  }

  /** @param {Kind} kind */
  async products(kind) {
    const { records, changed = 0, first = records } = kind
    const name = `products-${records}-${changed}-${first}.csv`
    return await once(this.#made, name, async () => {
      await demandRoom(this.#bench.folder, first)
      const path = this.#bench.path(name)
      const numbers = { records, changed, first }
      const options = Object.entries(numbers).flatMap(([option, value]) => [`--${option}`, String(value)])
      await measure(process.execPath, [MAKE, '--out', path, ...options])
      return { path, records: first }
    })
  }

  /** The last record of each key, in the order of the file, without a header. @param {ProductFile} file */
  async deduplicated(file) {
    return await once(this.#deduplicated, file.path, async () => {
      const path = file.path.replace('.csv', '-deduplicated.csv')
      const last = `SELECT sku, name, description FROM (${oneOfEachKey()}) AS last ORDER BY n`
      const { records } = await this.#numbered(file, async () => {
        await this.#bench.psql(['-c', `\\copy (${last}) TO '${path}' (FORMAT csv)`])
        const [{ keys }] = await this.#bench.sql('SELECT count(DISTINCT sku)::int AS keys FROM numbered')
        return { records: keys }
      })
      return { path, records }
    })
  }

  /** What a table holds after this file, by which two tables are compared. @param {ProductFile} file @param {import('./truth.mjs').Outcome} outcome */
  async digest(file, outcome) {
    return await once(this.#digests, `${file.path} ${outcome}`, () =>
      this.#numbered(file, () =>
        digestOf(this.#bench, `SELECT sku, name, description FROM (${outcome}) AS outcome`),
      ),
    )
  }

  /**
   * While the file is in the table `numbered`, with the number of each record.
   * @template T
   * @param {ProductFile} file @param {() => Promise<T>} work
   */
  async #numbered({ path }, work) {
    await this.#bench.sql(
      'DROP TABLE IF EXISTS numbered',
      'CREATE UNLOGGED TABLE numbered (n bigint GENERATED ALWAYS AS IDENTITY, name text, sku text, description text)',
    )
    const copy = `\\copy numbered (name, sku, description) FROM '${path}' (FORMAT csv, HEADER)`
    await this.#bench.psql(['-c', copy])
    const result = await work()
    await this.#bench.sql('DROP TABLE numbered')
    return result
  }
}

/**
 * @template T
 * @param {Map<string, Promise<T>>} known @param {string} name @param {() => Promise<T>} make
 */
function once(known, name, make) {
  const value = known.get(name) ?? make()
  known.set(name, value)
  return value
}

/** How many records there is room for. @param {string} folder */
export async function roomFor(folder) {
  const { bavail, bsize } = await statfs(folder)
  return Math.floor((bavail * bsize) / BYTES_A_RECORD)
}

/** @param {string} folder @param {number} records */
async function demandRoom(folder, records) {
  if ((await roomFor(folder)) > records) return
  const needed = Math.ceil((records * BYTES_A_RECORD) / 1e9)
  throw new Error(`${records} records need about ${needed} GB in ${folder}; set TMPDIR to another folder`)
}
