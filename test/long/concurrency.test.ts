import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { hearing } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, generatedProducts, realFiles } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf, holds } from '../support/oracle.js'
import { versionsDigest } from '../support/rows.js'

const HEADER = 'sku,name,description\n'

/** Products from one number to another, told apart by who brings them. */
function edition(t: Test, who: string, from: number, to: number): string {
  const records = Array.from(
    { length: to - from },
    (_, index) => `${from + index},name ${(from + index) % 10} of ${who},by ${who}\n`,
  )
  return file(t, HEADER + records.join(''))
}

/** What such an edition holds. */
function rowsOf(who: string, from: number, to: number): string {
  return `SELECT n::text AS sku, format('name %s of ${who}', n % 10) AS name, 'by ${who}' AS description
            FROM generate_series(${from}, ${to} - 1) AS n`
}

t.test('two loads into one table at once end as if one had come after the other', async (t) => {
  const db = await testDatabase(t)
  const sources = [edition(t, 'a', 0, 3000), edition(t, 'b', 2000, 5000)]
  const aLast = `${rowsOf('a', 0, 3000)} UNION ALL ${rowsOf('b', 3000, 5000)}`
  const bLast = `${rowsOf('a', 0, 2000)} UNION ALL ${rowsOf('b', 2000, 5000)}`
  // The first time there is neither a schema dasy nor a table.
  for (const start of ['an empty database', 'an empty table', 'a table with rows']) {
    if (start === 'an empty table') await db.run('TRUNCATE products')
    if (start === 'a table with rows')
      await db.run(`DELETE FROM products WHERE sku::int % 3 = 0; UPDATE products SET description = 'old'`)
    const receipts = await Promise.all(
      sources.map((source) => ingest(source, { databaseUrl: db.url, workers: 2, rangeSize: 20_000 })),
    )
    t.same(
      receipts.map(({ status }) => status),
      ['completed', 'completed'],
      `${start}: both succeed`,
    )
    t.ok(
      (await holds(db, 'products', aLast)) || (await holds(db, 'products', bLast)),
      `${start}: the result is that of one after the other`,
    )
    await compareTables(t, db, 'products_agg', countsOf('products'), `${start}: the aggregate`)
  }
  await assertNothingLeft(t, db)
})

t.test('loads into different tables go on at the same time', async (t) => {
  const db = await testDatabase(t)
  const blocker = await db.client()
  await ingest(edition(t, 'a', 0, 10), { databaseUrl: db.url, table: 'held' })
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE held IN SHARE MODE')
  const held = ingest(edition(t, 'b', 0, 10), { databaseUrl: db.url, table: 'held' })
  const receipt = await ingest(realFiles.products, { databaseUrl: db.url })
  t.match(receipt.rows, { inserted: 499 }, 'one is not stopped by another that waits for its table')
  await blocker.query('COMMIT')
  t.match((await held).rows, { updated: 10 }, 'which then goes on')
  await assertNothingLeft(t, db, { tables: ['held', 'products', 'products_agg'] })
})

t.test('readers never wait, and see all of a run with its aggregate or nothing of it', async (t) => {
  const db = await testDatabase(t)
  await ingest(edition(t, 'a', 0, 1000), { databaseUrl: db.url })
  const reader = await db.client()
  await reader.query(`SET lock_timeout = '5ms'`) // whoever waits for a lock fails
  const seen = new Map<string, number>()
  let running = true
  const reading = (async () => {
    while (running) {
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const { rows } = await reader.query(`
        SELECT (SELECT count(*) FROM products) AS rows,
               (SELECT count(*) FROM products WHERE description = 'by b') AS of_b,
               (SELECT sum(no_of_products)::int FROM products_agg) AS counted,
               (SELECT sum(no_of_products)::int FROM products_agg WHERE name LIKE '%b') AS counted_of_b`)
      await reader.query('COMMIT')
      const state = Object.values(rows[0]).map(Number).join(' ')
      seen.set(state, (seen.get(state) ?? 0) + 1)
    }
  })()
  try {
    while (seen.size === 0) await sleep(1)
    await ingest(edition(t, 'b', 500, 9000), { databaseUrl: db.url, workers: 2, rangeSize: 50_000 })
  } finally {
    running = false
    await reading
  }
  const [before, after] = ['1000 0 1000 0', '9000 8500 9000 8500']
  const between = [...seen.keys()].filter((state) => state !== before && state !== after)
  t.same(between, [], 'nothing between before and after is ever seen')
  t.comment(`${seen.get(before)} looks before it was published`)
})

t.test('other writers wait while a run publishes, and are counted', async (t) => {
  const db = await testDatabase(t)
  await ingest(edition(t, 'a', 0, 1000), { databaseUrl: db.url })
  const writer = await db.client()
  let running = true
  let written = 0
  const writing = (async () => {
    while (running) {
      await writer.query(`INSERT INTO products (sku, name) VALUES ($1, 'name 1 of a')`, [`w${written++}`])
    }
  })()
  try {
    await update(edition(t, 'b', 500, 5000), { databaseUrl: db.url, workers: 2, rangeSize: 50_000 })
  } finally {
    running = false
    await writing
  }
  t.ok(written > 0)
  t.equal(await db.value('SELECT count(*) FROM products'), 5000 + written)
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

// products has an aggregate, whose triggers a run switches off; the other table has none.
for (const table of ['products', 'stock']) {
  t.test(`a run waits for who writes ${table} already, and finds what they wrote`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`CREATE TABLE ${table} (sku text PRIMARY KEY, name text)`)
    await ingest(file(t, 'sku,name\n0,zero\n'), { databaseUrl: db.url, table })
    const writer = await db.client()
    await writer.query('BEGIN')
    await writer.query(`INSERT INTO ${table} VALUES ('1', 'theirs'), ('3', 'theirs')`)
    const run = update(file(t, 'sku,name\n1,ours\n2,ours\n'), { databaseUrl: db.url, table })
    await somebodyWaits(db)
    await writer.query('COMMIT')
    t.match((await run).rows, { inserted: 1, updated: 1 })
    t.same(
      await db.rows(`SELECT name FROM ${table} ORDER BY sku`),
      ['zero', 'ours', 'ours', 'theirs'].map((name) => ({ name })),
    )
    if (table === 'products') await compareTables(t, db, 'products_agg', countsOf('products'))
  })
}

async function somebodyWaits(db: TestDatabase): Promise<void> {
  const waiting = `
    SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock')`
  while (!(await db.value(waiting))) await sleep(10)
}

/** Calls `strike` once, as soon as a piece of the file is staged, and waits until it has struck. */
function onceStaged(strike: () => Promise<unknown>): {
  options: LoadOptions
  struck: () => Promise<unknown>
} {
  let striking: Promise<unknown> | undefined
  const onEvent = hearing({
    advanced(_: number, records: number) {
      if (records > 0) striking ??= strike()
    },
  })
  return { options: { onEvent, workers: 2, rangeSize: 5000 }, struck: async () => await striking }
}

/**
 * Ends a connection of the run as soon as it is in a certain state. The server itself looks out for it: that is fast
 * enough to meet moments that a client would miss.
 */
async function terminate(db: TestDatabase, name: string, moment: string): Promise<void> {
  await db.run(`
    DO $$
    BEGIN
      WHILE clock_timestamp() < now() + interval '5 minutes' LOOP
        PERFORM pg_stat_clear_snapshot();
        PERFORM pg_terminate_backend(pid)
           FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = '${name}' AND ${moment};
        IF FOUND THEN
          RETURN;
        END IF;
      END LOOP;
      RAISE 'it was never there';
    END
    $$`)
}

/** Whose connection dies when. */
const DEATHS: [what: string, name: string, moment: string][] = [
  ["a worker's connection at any moment", 'dasy worker 1', 'true'],
  [
    "a worker's connection during COPY",
    'dasy worker 1',
    "state = 'active' AND query LIKE '%COPY%FROM STDIN%'",
  ],
  [
    "a worker's connection right before COPY",
    'dasy worker 1',
    "state = 'idle in transaction' AND query LIKE '%setval%'",
  ],
  ["the run's own connection", 'dasy', 'true'],
]

const ROUNDS = 3

for (const [what, name, moment] of DEATHS) {
  t.test(
    `the death of ${what} is survived; without patience it stops the run, and the table is as it was`,
    async (t) => {
      const db = await testDatabase(t)
      await ingest(edition(t, 'a', 0, 1000), { databaseUrl: db.url })
      const state = () => Promise.all(['products', 'products_agg'].map((table) => versionsDigest(db, table)))
      const before = await state()
      const source = generatedProducts(t, 10_000)
      // More than once, because what is met within such a moment is a matter of luck.
      for (let round = 1; round <= ROUNDS; round++) {
        const { options, struck } = onceStaged(() => terminate(db, name, moment))
        const error = await failure(t, ingest(source, { databaseUrl: db.url, retryFor: 0, ...options }))
        await struck()
        t.match(error, { code: 'CONNECTION_LOST', exitStatus: 4, details: { run: 2 } }, 'the real error')
        t.match(error.hint, 'dasy resume 2')
        t.same(await state(), before)
      }

      const { options, struck } = onceStaged(() => terminate(db, name, moment))
      const receipt = await ingest(source, { databaseUrl: db.url, ...options })
      await struck()
      t.match(receipt, { run: 2, status: 'completed', rows: { read: 10_000, rejected: 0 } }, 'it goes on')
      const again = await ingest(source, { databaseUrl: db.url })
      t.match(again.rows, { inserted: 0, updated: 0, unchanged: receipt.rows.inserted }, 'all of it is there')
      await assertNothingLeft(t, db)
    },
  )
}

t.test('an interrupted run leaves the table as it was, and what it staged', async (t) => {
  const db = await testDatabase(t)
  await ingest(edition(t, 'a', 0, 1000), { databaseUrl: db.url })
  const before = await versionsDigest(db, 'products')
  const source = generatedProducts(t, 10_000)
  const abort = new AbortController()
  const { options } = onceStaged(async () => abort.abort())
  const error = await failure(t, ingest(source, { databaseUrl: db.url, signal: abort.signal, ...options }))
  t.match(error, { code: 'INTERRUPTED', exitStatus: 130 })
  t.equal(await versionsDigest(db, 'products'), before)
  t.equal(await db.value('SELECT outcome FROM dasy.runs ORDER BY run DESC LIMIT 1'), 'interrupted')
  await assertNothingLeft(t, db, { stopped: 1 })
})

t.test('a run that is interrupted while it waits for its table ends at once', async (t) => {
  const db = await testDatabase(t)
  await ingest(edition(t, 'a', 0, 100), { databaseUrl: db.url })
  const blocker = await db.client()
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE products IN SHARE MODE')
  const abort = new AbortController()
  const run = failure(t, ingest(edition(t, 'b', 0, 200), { databaseUrl: db.url, signal: abort.signal }))
  await somebodyWaits(db)
  abort.abort()
  t.match(await run, { code: 'INTERRUPTED', exitStatus: 130 })
  await blocker.query('COMMIT')
  t.ok(await holds(db, 'products', rowsOf('a', 0, 100)))
  await assertNothingLeft(t, db, { stopped: 1 })
})
