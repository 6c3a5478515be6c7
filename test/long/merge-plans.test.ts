import { appendFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { DasyError, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { PlanListener, quadraticLoops, type ToldPlan, wholeScans } from '../support/plans.js'

/**
 * No plan of the merge may be quadratic, whatever the planner believes of the tables: asserted on the plans of the very
 * statements that run, over tables of many rows. What is loaded is rolled back, so that all can share one
 * database.
 */

const ROWS = 200_000

/** Half of the keys of a large file: so many that a second session helps with the merge. */
const LARGE = 25_000

/** Tables whose statistics are wrong, or missing. Nobody mends them meanwhile. */
const TABLES = `
  CREATE TABLE unknown (sku text PRIMARY KEY, name text) WITH (autovacuum_enabled = off);
  INSERT INTO unknown SELECT 'sku-' || n, 'name' FROM generate_series(1, ${ROWS}) AS n;

  -- Analyzed when all of its rows were deleted: the planner takes it for one row.
  CREATE TABLE emptied (sku text PRIMARY KEY, name text) WITH (autovacuum_enabled = off);
  INSERT INTO emptied SELECT 'sku-' || n, 'name' FROM generate_series(1, ${ROWS}) AS n;
  DELETE FROM emptied`

/** Typed, with a key of two columns of which the first looks as if it were unique by itself. */
const MORE_TABLES = `
  INSERT INTO emptied SELECT 'sku-' || n, 'name' FROM generate_series(1, ${ROWS}) AS n;

  CREATE TABLE composite (shop integer, number bigint, name text, PRIMARY KEY (shop, number))
    WITH (autovacuum_enabled = off);
  CREATE INDEX ON composite (shop);
  INSERT INTO composite SELECT n, n, 'name' FROM generate_series(1, 1000) AS n;
  ANALYZE composite;
  INSERT INTO composite SELECT 1, n, 'name' FROM generate_series(1001, ${ROWS}) AS n;

  CREATE TABLE acting (sku text PRIMARY KEY, name text) WITH (autovacuum_enabled = off);
  CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER act BEFORE INSERT OR UPDATE ON acting FOR EACH ROW EXECUTE FUNCTION act();
  ANALYZE acting;
  INSERT INTO acting SELECT 'sku-' || n, 'name' FROM generate_series(1, ${ROWS}) AS n;

  CREATE TABLE parted (sku text PRIMARY KEY, name text) PARTITION BY HASH (sku);
  CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (autovacuum_enabled = off);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (autovacuum_enabled = off);
  INSERT INTO parted SELECT 'sku-' || n, 'name' FROM generate_series(1, 100000) AS n`

const MODES: Record<string, LoadOptions> = {
  update: {},
  skip: { onConflict: 'skip' },
  'existing only': { existingOnly: true },
  'existing only, skip': { existingOnly: true, onConflict: 'skip' },
  'first of duplicates': { duplicates: 'first' },
  error: { onConflict: 'error' },
  'no duplicates': { duplicates: 'error' },
}

class Bench {
  readonly #t: Test
  readonly #db: TestDatabase
  readonly #listener: PlanListener
  readonly #undo: string

  private constructor(t: Test, db: TestDatabase, listener: PlanListener) {
    this.#t = t
    this.#db = db
    this.#listener = listener
    this.#undo = file(t, 'SELECT 1 / 0;\n', 'undo.sql')
  }

  static async make(t: Test): Promise<Bench> {
    const db = await testDatabase(t)
    await db.run(TABLES)
    await db.run('VACUUM (ANALYZE, TRUNCATE off) emptied')
    await db.run(MORE_TABLES)
    return new Bench(t, db, await PlanListener.start(t, db))
  }

  /** Loads, rolls back, and tells the plans. */
  async load(path: string, options: LoadOptions): Promise<ToldPlan[]> {
    this.#listener.take()
    const load = update(path, {
      ...options,
      databaseUrl: this.#listener.url,
      after: this.#undo,
      restart: true,
      retryFor: 0,
    })
    await load.then(
      () => this.#t.fail('it is undone'),
      (error) => {
        const expected = ['SQL_FILE_FAILED', 'KEY_EXISTS', 'DUPLICATE_KEY']
        if (!(error instanceof DasyError) || !expected.includes(error.code)) throw error
      },
    )
    await this.#db.lastingStrangers()
    return this.#listener
      .take()
      .filter(
        ({ Plan, 'Query Text': query }) =>
          isOfMerge(JSON.stringify(Plan), options.table ?? '') && !/^EXPLAIN/.test(query),
      )
  }
}

function isOfMerge(plan: string, table: string): boolean {
  return new RegExp(`"Relation Name": ?"(staging|classified|duplicate_keys|losers|${table})(_|")`).test(plan)
}

function assertLinear(t: Test, plans: ToldPlan[]): void {
  t.ok(
    plans.some((plan) => plan['Query Text'].includes('staging_')),
    'plans were told',
  )
  for (const { Plan, 'Query Text': query } of plans) {
    const loops = quadraticLoops(Plan)
    t.equal(loops.length, 0, `no quadratic loop: ${query.slice(0, 60)}`, { loops, query })
  }
}

function assertLooksUp(t: Test, plans: ToldPlan[], table: string): void {
  for (const { Plan, 'Query Text': query } of plans) {
    const scans = wholeScans(Plan, table)
    t.equal(scans.length, 0, `no scan of ${table}: ${query.slice(0, 60)}`, { scans, query })
  }
}

/** Half of the keys are the table's, some repeat, the others are new. */
function records(from: number, to: number, record: (n: number) => string): string {
  const lines = Array.from({ length: to - from }, (_, index) => record(from + index))
  return `${lines.join('\n')}\n${lines.slice(0, lines.length / 10).join('\n')}\n`
}

t.setTimeout(1_200_000)

t.test('no plan is quadratic, and a small file reads no more of a large table than it must', async (t) => {
  const bench = await Bench.make(t)
  const header = 'sku,name\n'
  const large = file(t, header + records(ROWS - LARGE, ROWS + LARGE, (n) => `sku-${n},other`))
  const small = file(t, header + records(ROWS - 200, ROWS + 200, (n) => `sku-${n},other`))
  appendFileSync(small, 'sku-1,other\n')
  for (const [mode, options] of Object.entries(MODES)) {
    await t.test(`large, ${mode}`, async (t) =>
      assertLinear(t, await bench.load(large, { ...options, table: 'emptied' })),
    )
    for (const table of mode === 'skip' ? ['unknown', 'emptied', 'acting', 'parted'] : ['emptied']) {
      await t.test(`small into ${table}, ${mode}`, async (t) => {
        const plans = await bench.load(small, { ...options, table })
        assertLinear(t, plans)
        for (const name of table === 'parted' ? ['parted_0', 'parted_1'] : [table])
          assertLooksUp(t, plans, name)
      })
    }
  }
  for (const table of ['unknown', 'acting'])
    await t.test(`large into ${table}`, async (t) => assertLinear(t, await bench.load(large, { table })))
  for (const syncWhere of [undefined, "sku < 'sku-8'"])
    await t.test(`large, --sync, ${syncWhere ?? 'the whole table'}`, async (t) => {
      const options = { table: 'emptied', sync: true, maxDeletes: '100%', ...(syncWhere && { syncWhere }) }
      assertLinear(t, await bench.load(large, options))
    })

  const composite = 'shop,number,name\n'
  const key = ['shop', 'number']
  const largeOfTwo = file(t, composite + records(ROWS - LARGE, ROWS + LARGE, (n) => `1,${n},other`))
  const smallOfTwo = file(t, composite + records(ROWS - 200, ROWS + 200, (n) => `1,${n},other`))
  for (const mode of ['update', 'skip', 'existing only']) {
    const options = { ...MODES[mode], table: 'composite', key }
    if (mode !== 'existing only')
      await t.test(`a key of two columns, large, ${mode}`, async (t) =>
        assertLinear(t, await bench.load(largeOfTwo, options)),
      )
    await t.test(`a key of two columns, small, ${mode}`, async (t) => {
      const plans = await bench.load(smallOfTwo, options)
      assertLinear(t, plans)
      assertLooksUp(t, plans, 'composite')
      for (const { Plan } of plans)
        t.notMatch(JSON.stringify(Plan), /composite_shop_idx/, 'not by an index on a part of the key')
    })
  }
})
