// What must hold after a kill, and after the run was gone on with.
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {import('./scene.mjs').Observer} Observer */
/** @typedef {'before' | 'after'} State */

const PATIENCE_MS = 60_000

/** Whether a table holds just what another one does, or neither is there. */
async function same(/** @type {Observer} */ db, /** @type {string} */ table, /** @type {string} */ expected) {
  const there = await columnsOf(db, table)
  const wanted = await columnsOf(db, expected)
  if (there.join() !== wanted.join()) return false
  if (wanted.length === 0) return true
  return await sameRows(db, wanted.join(', '), table, expected)
}

/**
 * Whether two relations have the same rows, each as often: in one pass, which takes half as long as EXCEPT ALL both ways.
 * @param {Observer} db
 * @param {string} columns
 * @param {string} left a FROM item
 * @param {string} right
 * @returns {Promise<boolean>}
 */
async function sameRows(db, columns, left, right) {
  return await db.value(
    `SELECT (SELECT count(*) FROM ${left}) = (SELECT count(*) FROM ${right})
        AND NOT EXISTS (SELECT FROM (SELECT ${columns}, 1 AS side FROM ${left}
                                      UNION ALL
                                     SELECT ${columns}, -1 FROM ${right}) AS both_sides
                         GROUP BY ${columns} HAVING sum(side) <> 0)`,
  )
}

/** @returns {Promise<string[]>} */
async function columnsOf(/** @type {Observer} */ db, /** @type {string} */ table) {
  return await db.value(
    `SELECT coalesce(array_agg(quote_ident(attname) ORDER BY attname), '{}') FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [table],
  )
}

/**
 * @param {Observer} db
 * @param {number} earlier the newest run that was over before
 * @returns {Promise<State>}
 * @throws Error if the tables and the changes that are kept are neither as before nor as after, all of them
 */
export async function stateOf(db, earlier) {
  const products = await stateOfTable(db, '')
  const aggregate = await stateOfTable(db, '_agg')
  const changes = await stateOfChanges(db, earlier)
  if (products !== 'neither' && products === aggregate && products === changes) return products
  const rows = await db.glance('SELECT count(*)::int FROM public.products')
  throw new Error(
    `half of a run is there: products (${rows} rows) is as ${products}, products_agg as ${aggregate}, its changes as ${changes}`,
  )
}

/** @returns {Promise<State | 'neither'>} */
async function stateOfTable(/** @type {Observer} */ db, /** @type {string} */ suffix) {
  for (const state of /** @type {const} */ (['before', 'after']))
    if (await same(db, `public.products${suffix}`, `oracle.${state}${suffix}`)) return state
  return 'neither'
}

/** @returns {Promise<State | 'neither'>} */
async function stateOfChanges(/** @type {Observer} */ db, /** @type {number} */ earlier) {
  if (!(await db.value(`SELECT to_regclass('dasy.change_sets') IS NOT NULL`))) return 'before'
  const sets = await db.rows(
    `SELECT run, kind, columns, array[inserted, updated, deleted]::text AS counts FROM dasy.change_sets
      WHERE run > $1 AND xid IS NOT NULL`,
    [earlier],
  )
  const [set] = sets
  if (!set) return 'before'
  const counts =
    await db.value(`SELECT array[count(*) FILTER (WHERE op = 'i'), count(*) FILTER (WHERE op = 'u'),
    count(*) FILTER (WHERE op = 'd')]::text FROM oracle.changes`)
  if (sets.length > 1 || set.counts !== counts || set.columns.join() !== 'name,description') return 'neither'
  if (set.kind === 'first_load') return 'after' // they are the rows of the table
  const place = set.kind === 'own' ? `changes_${set.run}` : 'changes'
  const kept = `(SELECT * FROM dasy.${place} WHERE run = ${set.run}) AS kept`
  return (await sameRows(db, 'op, key, old, new', kept, 'oracle.changes')) ? 'after' : 'neither'
}

/** Keys, triggers and indexes of the tables, and everything in the schema dasy, as lines; numbers told apart by nobody. */
export async function structureOf(/** @type {Observer} */ db) {
  /** @type {{ line: string }[]} */
  const rows = await db.rows(`
    SELECT DISTINCT regexp_replace(line, '[0-9]+', 'N', 'g') AS line FROM (
      SELECT format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype <> 'n' -- which only PostgreSQL 18 has
      UNION ALL
      SELECT format('%s: %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL
      SELECT format('%s in %s: %s', c.relkind, n.nspname, c.relname) FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('public', 'dasy')
      UNION ALL
      SELECT format('invalid: %s', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid
    ) AS lines (line) ORDER BY 1`)
  return rows.map(({ line }) => line)
}

/** What nobody has ended: dasy's sessions and advisory locks of this database. The embedded server's lease stays. */
async function passing(/** @type {Observer} */ db) {
  /** @type {{ line: string }[]} */
  const rows = await db.rows(`
    SELECT format('%s: %s %s', application_name, state, query) AS line FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'dasy%' AND application_name <> 'dasy lease'
    UNION ALL
    SELECT format('advisory lock %s, %s of %s', classid, objid, application_name)
      FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND application_name IS DISTINCT FROM 'dasy lease'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
  return rows.map(({ line }) => line)
}

/** Changes that are where their head does not say. */
const ORPHANS = `
  SELECT * FROM (
    SELECT DISTINCT 'shared' AS place, run FROM dasy.changes
    UNION ALL
    SELECT DISTINCT 'places', run FROM dasy.change_ranges
    UNION ALL
    SELECT 'own', substring(relname FROM '[0-9]+$')::bigint FROM pg_class
     WHERE relnamespace = 'dasy'::regnamespace AND relkind = 'r' AND relname ~ '^changes_[0-9]+$') AS kept
   WHERE NOT EXISTS (
     SELECT FROM dasy.change_sets AS s
      WHERE s.run = kept.run AND (s.kind = place OR place = 'places' AND s.kind <> 'none'))`

/** A killed client's session ends a moment after it. */
export async function assertNobodyThere(/** @type {Observer} */ db) {
  const deadline = Date.now() + PATIENCE_MS
  let lines = await passing(db)
  while (lines.length > 0 && Date.now() < deadline) {
    await sleep(20)
    lines = await passing(db)
  }
  if (lines.length > 0) throw new Error(`sessions or locks are left:\n  ${lines.join('\n  ')}`)
}

/**
 * @param {Observer} db
 * @param {readonly string[]} structure of a database in which no run was ever killed
 */
export async function assertNothingLeft(db, structure) {
  await assertNobodyThere(db)
  const ranges = await db.value('SELECT count(*)::int FROM dasy.ranges')
  if (ranges !== 0) throw new Error(`${ranges} rows are left in dasy.ranges`)
  const open = await db.value(`SELECT count(*)::int FROM dasy.runs WHERE state <> 'ended'`)
  if (open !== 0) throw new Error(`${open} runs have not ended`)
  const orphans = await db.rows(ORPHANS)
  if (orphans.length > 0)
    throw new Error(`changes of no run: ${orphans.map(({ place, run }) => `${place} of ${run}`).join(', ')}`)
  const now = await structureOf(db)
  const [more, less] = [
    now.filter((line) => !structure.includes(line)),
    structure.filter((line) => !now.includes(line)),
  ]
  if (more.length + less.length > 0)
    throw new Error(`left behind:\n  ${more.join('\n  ')}\nmissing:\n  ${less.join('\n  ')}`)
}
