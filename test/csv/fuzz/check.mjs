import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DasyError, ingest } from '../../../dist/index.js'
import { place, scanInChunks } from './chunks.mjs'
import { Random } from './random.mjs'
import { lineEnds, recordsOf, verdictOn } from './reference.mjs'
import { unharmedRecords } from './unharmed.mjs'

/**
 * @typedef {import('./case.mjs').Case} Case
 * @typedef {import('./reference.mjs').Verdict} Verdict
 *
 * @typedef {object} Outcome what one load did
 * @property {string} way
 * @property {string | undefined} error its code
 * @property {import('../../../lib/index.js').Receipt | undefined} receipt
 * @property {string[] | undefined} columns of the table
 * @property {string[] | undefined} rows of the table, sorted; undefined where there is none
 * @property {string[]} rejects in the order of the file
 *
 * @typedef {object} Result
 * @property {string[]} problems
 * @property {number} loaded
 * @property {number} rejected
 * @property {number} unharmed
 */

/** A load that goes on for longer than LIMIT_MS. */
export class Hang extends Error {}

const LIMIT_MS = 600_000
const TABLES = ['fuzz_whole', 'fuzz_pieces']

/**
 * Loads the file of a case in two ways, and compares them with each other and with the reference.
 * @param {Case} kase
 * @param {string} file where to write it
 * @param {pg.Client} client
 * @param {string} databaseUrl of the same database
 * @returns {Promise<Result>}
 */
export async function checkCase(kase, file, client, databaseUrl) {
  const { key, damaged, undamaged, rangeSize } = kase
  writeFileSync(file, damaged.bytes)
  const verdict = verdictOn(damaged.bytes, key)
  await client.query(`DROP TABLE IF EXISTS ${TABLES}`)
  // The dialect is given: this is about the rule for records, and damage can speak for another delimiter.
  const options = { databaseUrl, key, maxRejects: '100%', delimiter: ',', quote: '"', escape: '"' }
  const whole = await load(file, { ...options, workers: 1, table: TABLES[0] }, client)
  const pieces = await load(file, { ...options, workers: 5, rangeSize, table: TABLES[1] }, client)
  const scanned = scanInChunks(damaged.bytes, new Random(kase.seed, -1 - kase.number))
  const unharmed = verdict.error ? new Map() : unharmedRecords(undamaged, damaged)
  return {
    problems: [
      ...[whole, pieces].flatMap((outcome) => [
        ...differences(outcome, verdict),
        ...imbalances(outcome),
        ...misplaced(outcome, damaged.bytes),
      ]),
      ...difference('the scan in chunks', scanned, recordsOf(damaged.bytes).map(place)),
      ...harmed(unharmed, verdictOn(undamaged, key), verdict),
    ],
    loaded: whole.receipt?.rows.inserted ?? 0,
    rejected: whole.rejects.length,
    unharmed: unharmed.size,
  }
}

/**
 * @param {string} file
 * @param {import('../../../lib/index.js').LoadOptions} options
 * @param {pg.Client} client
 * @returns {Promise<Outcome>}
 */
async function load(file, options, client) {
  const { table, workers, rangeSize } = options
  const way = `${workers} workers, ranges of ${rangeSize ?? 'the default size'}`
  const over = new AbortController()
  const limit = sleep(LIMIT_MS, 'hangs', { signal: over.signal }).catch(() => '')
  const loading = ingest(file, options).catch((error) => error)
  const receipt = await Promise.race([loading, limit])
  over.abort()
  if (receipt instanceof DasyError)
    return { way, error: receipt.code, receipt: undefined, ...(await kept(client, table)) }
  if (receipt === 'hangs') throw new Hang(way)
  if (receipt instanceof Error) throw receipt
  return { way, error: undefined, receipt, ...(await kept(client, table, receipt.run)) }
}

/** @param {pg.Client} client @param {string | undefined} table @param {number} [run] */
async function kept(client, table, run) {
  const { rows: there } = await client.query('SELECT to_regclass($1) AS oid', [table])
  const rows = there[0].oid && (await client.query({ text: `SELECT * FROM ${table}`, rowMode: 'array' }))
  const { rows: rejects } = await client.query(
    `SELECT byte::int, line::int, reason, encode(record, 'hex') AS record
       FROM dasy.rejects WHERE run = $1 ORDER BY rejects.byte`,
    [run],
  )
  return {
    columns: rows?.fields.map((/** @type {pg.FieldDef} */ { name }) => name),
    rows: rows?.rows.map((/** @type {unknown} */ row) => JSON.stringify(row)).sort(),
    rejects: rejects.map((reject) => JSON.stringify(reject)),
  }
}

/** From what the reference says. @param {Outcome} outcome @param {Verdict} verdict */
function differences({ way, error, columns, rows, rejects, receipt }, verdict) {
  if (error || verdict.error) {
    const problems = difference(`${way}: the error`, [`${error}`], [`${verdict.error}`])
    return error && rows ? [...problems, `${way}: it failed, and made a table`] : problems
  }
  const last = new Map(verdict.good.map(({ key, values }) => [key, JSON.stringify(values)]))
  const expected = verdict.rejects.map((reject) => JSON.stringify(reject))
  const read = verdict.good.length + verdict.rejects.length
  const counts = { read, rejected: expected.length, duplicates: verdict.good.length - last.size }
  const { read: r, rejected, duplicates } = /** @type {any} */ (receipt).rows
  return [
    ...difference(`${way}: the columns`, columns ?? [], verdict.columns),
    ...difference(`${way}: the table`, rows ?? [], [...last.values()].sort()),
    ...difference(`${way}: the rejects`, rejects, expected),
    ...difference(
      `${way}: the receipt`,
      [JSON.stringify({ read: r, rejected, duplicates })],
      [JSON.stringify(counts)],
    ),
  ]
}

/** @param {string} what @param {string[]} found @param {string[]} expected */
function difference(what, found, expected) {
  if (found.join('\n') === expected.join('\n')) return []
  const shown = (/** @type {string[]} */ some) =>
    some.slice(0, 3).map((each) => `\n      ${each.slice(0, 400)}`)
  const extra = found.filter((each) => !expected.includes(each))
  const missing = expected.filter((each) => !found.includes(each))
  return [
    `${what}: ${found.length}, expected ${expected.length}` +
      `\n    not expected: ${extra.length}${shown(extra)}\n    missing: ${missing.length}${shown(missing)}`,
  ]
}

/** @param {Outcome} outcome */
function imbalances({ way, receipt, rows, rejects }) {
  if (!receipt) return []
  const { read, rejected, duplicates, inserted, updated, unchanged, skipped, deleted } = receipt.rows
  const problems = []
  if (read !== rejected + duplicates + inserted + updated + unchanged + skipped)
    problems.push('does not balance')
  if (updated || unchanged || skipped || deleted) problems.push('tells of rows that were there before')
  if (inserted !== rows?.length) problems.push(`tells of ${inserted} rows where there are ${rows?.length}`)
  if (rejected !== rejects.length) problems.push(`tells of ${rejected} rejects, kept are ${rejects.length}`)
  return problems.map((problem) => `${way}: the receipt ${problem}: ${JSON.stringify(receipt.rows)}`)
}

/** Rejects whose bytes do not stand where they say. @param {Outcome} outcome @param {Buffer} bytes */
function misplaced({ way, rejects }, bytes) {
  return rejects.flatMap((reject) => {
    const { byte, line, record } = JSON.parse(reject)
    const original = bytes.toString('hex', byte, byte + record.length / 2)
    const problems = []
    if (record !== original)
      problems.push(`${way}: the reject at byte ${byte} holds other bytes than the file`)
    const physical = 1 + lineEnds(bytes.subarray(0, byte))
    if (line !== physical)
      problems.push(`${way}: the reject at byte ${byte} is on line ${physical}, not ${line}`)
    return problems
  })
}

/**
 * Records far from all damage that do not load as they did.
 * @param {Map<number, number>} unharmed
 * @param {Verdict} before
 * @param {Verdict} after
 */
function harmed(unharmed, before, after) {
  const good = new Map(after.good.map(({ byte, values }) => [byte, JSON.stringify(values)]))
  return before.good.flatMap(({ byte, values }) => {
    const now = unharmed.get(byte)
    if (now === undefined || good.get(now) === JSON.stringify(values)) return []
    return [
      `the record at byte ${byte}, now ${now}, is far from the damage but loads otherwise: ${good.get(now)}`,
    ]
  })
}
