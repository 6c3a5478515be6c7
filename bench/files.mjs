// The product files of a measurement, each made once, and the rows that a table must have afterwards, computed by
// PostgreSQL without dasy's code.
import { statfs } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { measure } from './process.mjs'

const MAKE = fileURLToPath(new URL('../scripts/make-products.mjs', import.meta.url))

/** A record of a file, its row, its staged row, its log and the peer's copy of all that. */
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

  /** @param {import('./workbench.mjs').Workbench} bench */
  constructor(bench) {
    this.#bench = bench
  }

  /** @param {Kind} kind */
  async products(kind) {
    const { records, changed = 0, first = records } = kind
    const name = `products-${records}-${changed}-${first}.csv`
    return await once(this.#made, name, async () => {
      await demandRoom(this.#bench.folder, records)
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
      const last = 'SELECT DISTINCT ON (sku) sku, name, description, n FROM numbered ORDER BY sku, n DESC'
      const commands = [
        'DROP TABLE IF EXISTS numbered',
        'CREATE UNLOGGED TABLE numbered (n bigint GENERATED ALWAYS AS IDENTITY, name text, sku text, description text)',
        `\\copy numbered (name, sku, description) FROM '${file.path}' (FORMAT csv, HEADER)`,
        `\\copy (SELECT sku, name, description FROM (${last}) AS last ORDER BY n) TO '${path}' (FORMAT csv)`,
        "\\copy (SELECT 'keys', count(DISTINCT sku) FROM numbered) TO pstdout",
        'DROP TABLE numbered',
      ]
      const { stdout } = await this.#bench.psql(commands.flatMap((command) => ['-c', command]))
      return { path, records: Number(stdout.trim().split('\t')[1]) }
    })
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

/** @param {string} folder @param {number} records */
async function demandRoom(folder, records) {
  const { bavail, bsize } = await statfs(folder)
  const needed = records * BYTES_A_RECORD
  if (bavail * bsize > needed) return
  throw new Error(
    `${records} records need about ${Math.ceil(needed / 1e9)} GB in ${folder}; set TMPDIR to another folder`,
  )
}
