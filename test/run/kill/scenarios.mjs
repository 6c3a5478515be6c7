// What is killed: what a command finds, and what the table must hold before and after it, as queries over oracle.older
// and oracle.newer, the rows of the two editions.

/** @typedef {import('./editions.mjs').Editions} Editions */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {'loads' | 'changes'} kind a load has a file, workers and staging of its own
 * @property {(editions: Editions) => string[][]} prepared commands that make what it finds
 * @property {(editions: Editions) => string[]} [plan] a command after these, whose staging a crash of the server empties
 * @property {number} earlier the newest run of these that is over
 * @property {(editions: Editions) => string[]} command
 * @property {string} [before] undefined: there is no table
 * @property {string} after
 * @property {(rows: Record<string, number>) => Record<string, number>} [again] what the same command counts once it is
 *   done, by what it has counted then; without it the command is refused
 * @property {boolean} stages whether there is a staging table until it is done
 * @property {boolean} resumes whether `dasy resume` goes on with it
 */

const MERGED = `
  TABLE oracle.newer UNION ALL
  SELECT * FROM oracle.older AS o WHERE NOT EXISTS (SELECT FROM oracle.newer AS n WHERE n.sku = o.sku)`
const EMPTY = 'SELECT * FROM oracle.newer WHERE false'
const SYNC = ['--sync', '--max-deletes', '50%']
const PURGED = 'length(sku) % 2 = 0'

const ingestOld = (/** @type {Editions} */ { old }) => ['ingest', old]
const ingestNew = (/** @type {Editions} */ editions) => ['ingest', editions.new]

/** @param {Record<string, number>} rows */
function allUnchanged(rows) {
  const { inserted = 0, updated = 0, unchanged = 0 } = rows
  return { ...rows, inserted: 0, updated: 0, unchanged: inserted + updated + unchanged, deleted: 0 }
}

const LOAD = { kind: /** @type {const} */ ('loads'), stages: true, resumes: true, again: allUnchanged }
const CHANGE = { kind: /** @type {const} */ ('changes'), stages: false, resumes: true }

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    ...LOAD,
    name: 'bare',
    prepared: () => [],
    earlier: 0,
    command: ingestNew,
    after: 'TABLE oracle.newer',
  },
  {
    ...LOAD,
    name: 'migrated',
    prepared: () => [['migrate', 'up']],
    earlier: 0,
    command: ingestNew,
    before: EMPTY,
    after: 'TABLE oracle.newer',
  },
  {
    ...LOAD,
    name: 'update',
    prepared: (editions) => [ingestOld(editions)],
    earlier: 1,
    command: ingestNew,
    before: 'TABLE oracle.older',
    after: MERGED,
  },
  {
    ...LOAD,
    name: 'sync',
    prepared: (editions) => [ingestOld(editions)],
    earlier: 1,
    command: (editions) => [...ingestNew(editions), ...SYNC],
    before: 'TABLE oracle.older',
    after: 'TABLE oracle.newer',
  },
  {
    ...CHANGE,
    name: 'apply',
    prepared: (editions) => [ingestOld(editions)],
    plan: (editions) => ['plan', editions.new, ...SYNC],
    earlier: 1,
    command: () => ['apply', '2'],
    before: 'TABLE oracle.older',
    after: 'TABLE oracle.newer',
    again: (rows) => rows, // its receipt
    stages: true,
    resumes: false, // it is applied again
  },
  {
    ...CHANGE,
    name: 'undo',
    prepared: (editions) => [ingestOld(editions), [...ingestNew(editions), ...SYNC]],
    earlier: 2,
    command: () => ['undo', '2'],
    before: 'TABLE oracle.newer',
    after: 'TABLE oracle.older',
  },
  {
    ...CHANGE,
    name: 'undo of a first load',
    prepared: (editions) => [ingestOld(editions)],
    earlier: 1,
    command: () => ['undo', '1'],
    before: 'TABLE oracle.older',
    after: EMPTY,
  },
  {
    ...CHANGE,
    name: 'purge',
    prepared: (editions) => [ingestOld(editions)],
    earlier: 1,
    command: () => ['purge', 'products', '--yes', '--where', PURGED],
    before: 'TABLE oracle.older',
    after: `SELECT * FROM oracle.older WHERE NOT (${PURGED})`,
    again: (rows) => ({ ...rows, read: 0, deleted: 0 }),
  },
]
