import { appendFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Listener } from '../../lib/contract/events.js'
import type { LoadOptions } from '../../lib/index.js'
import { clean, ingest, migrateDown, resume, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { hearing, into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, Oracle } from '../support/oracle.js'
import { versionsDigest } from '../support/rows.js'

/** Going on with a run that stopped, and when that is not possible. */

/** Two of its records are bad. */
const BAD = 'sku,name\na,Ann\nb,Bob\nc\nd,Dan\ne,"Eve\n'

/** A run of a file with two bad records, which is over its limit. */
async function overLimit(t: Test, options: LoadOptions = {}): Promise<{ db: TestDatabase; source: string }> {
  const db = await testDatabase(t)
  const source = file(t, BAD)
  const error = await failure(t, ingest(source, { databaseUrl: db.url, ...options }))
  t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3, details: { run: 1 } })
  t.match(error.hint, 'dasy resume 1 --max-rejects 2')
  return { db, source }
}

/** Interrupts a load as soon as it has staged something. @returns the run */
async function interruptedRun(t: Test, db: TestDatabase, source: string): Promise<number> {
  const abort = new AbortController()
  const onEvent = hearing({ advanced: (_: number, records: number) => records > 0 && abort.abort() })
  const cut = { workers: 2, rangeSize: 5000 }
  const error = await failure(
    t,
    ingest(source, { databaseUrl: db.url, signal: abort.signal, onEvent, ...cut }),
  )
  t.match(error, { code: 'INTERRUPTED', exitStatus: 130 })
  t.match(error.hint, `dasy resume ${error.details.run}`)
  return error.details.run as number
}

/** Counts the records that a load reports as staged. */
function counter(): { onEvent: Listener; total(): number } {
  let total = 0
  const advanced = (_: number, records: number): void => {
    total += records
  }
  return { onEvent: hearing({ advanced, resumed: advanced }), total: () => total }
}

t.test('a run over its limit goes on at a higher one, and the file is not needed any more', async (t) => {
  const { db, source } = await overLimit(t)
  for (const limit of [{}, { maxRejects: 1 }, { maxRejects: '39%' }]) {
    const error = await failure(t, resume(1, { databaseUrl: db.url, ...limit }))
    t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
  }
  rmSync(source)
  const receipt = await resume(1, { databaseUrl: db.url, maxRejects: '40%' })
  t.match(receipt, { run: 1, command: 'ingest', status: 'completed', source })
  t.match(receipt.rows, { read: 5, rejected: 2, inserted: 3 })
  t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku'), [
    { sku: 'a', name: 'Ann' },
    { sku: 'b', name: 'Bob' },
    { sku: 'd', name: 'Dan' },
  ])
  await assertNothingLeft(t, db)
})

t.test('of a complete run there is the receipt, and nothing is applied twice', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const { seconds: _, ...receipt } = await ingest(file(t, 'sku,name\na,Ann\n'), options)
  await db.run(`UPDATE products SET name = 'changed since'`)
  const before = await versionsDigest(db, 'products')
  const told: unknown[] = []
  const onEvent: Listener = (event) => event.type === 'receipt' && told.push(event.receipt)
  const { seconds, ...again } = await resume(1, { ...options, onEvent })
  t.same(again, receipt)
  t.same(told, [{ ...again, seconds }], 'and a listener gets it once')
  t.equal(await versionsDigest(db, 'products'), before)
  await assertNothingLeft(t, db)
})

const WAYS = {
  resume: (run: number, _: string, options: LoadOptions) => resume(run, options),
  'the same command': (_: number, source: string, options: LoadOptions) => ingest(source, options),
}

for (const [way, goOn] of Object.entries(WAYS)) {
  t.test(`${way} loads only what an interrupted run has not staged`, async (t) => {
    const db = await testDatabase(t)
    const source = generatedProducts(t, 20_000)
    const oracle = await Oracle.load(t, db, readFileSync(source))
    const run = await interruptedRun(t, db, source)
    const staged = await db.value<number>('SELECT sum(records)::int FROM dasy.ranges')
    t.ok(staged > 0 && staged < 20_000, 'a part is staged', { staged })
    const rowsNow = () =>
      db.value<string[]>(`SELECT array_agg(concat_ws(' ', tableoid, ctid, xmin)) FROM dasy.staging_${run}`)
    const rows = await rowsNow()

    const { onEvent, total } = counter()
    // While it waits for the table, what was staged can be looked at.
    const holder = await db.client()
    await holder.query('BEGIN; CREATE TABLE products (sku text PRIMARY KEY)')
    const going = goOn(run, source, { databaseUrl: db.url, workers: 3, onEvent })
    while (!(await db.value<boolean>(`SELECT state = 'merging' FROM dasy.runs WHERE run = ${run}`)));
    const now = new Set(await rowsNow())
    await holder.query('ROLLBACK')
    t.match(await going, { run, workers: 3, rows: { read: 20_000, rejected: 0 } })
    t.ok(
      rows.every((row) => now.has(row)),
      'the rows that were staged are the same rows',
    )
    t.equal(total(), 20_000, 'what was staged counts as progress')
    await compareTables(t, db, 'products', oracle.table({ key: ['sku'] }))
    await compareTables(t, db, 'products_agg', oracle.aggregate({ key: ['sku'] }))
    await assertNothingLeft(t, db)
  })
}

t.test('what a crash of the server emptied is read again, rejects included', async (t) => {
  const { db } = await overLimit(t)
  // What PostgreSQL does to unlogged tables when it recovers.
  await db.run('TRUNCATE dasy.ranges, dasy.staging_1')
  const receipt = await resume(1, { databaseUrl: db.url, maxRejects: 2 })
  t.match(receipt.rows, { read: 5, rejected: 2, inserted: 3 })
  t.equal(await db.value('SELECT count(*) FROM dasy.rejects'), 2)
  await assertNothingLeft(t, db)
})

t.test('a file that has changed is never mixed with an earlier half', async (t) => {
  const changes: Record<string, (source: string) => void> = {
    'it has grown': (source) => appendFileSync(source, 'f,Fay\n'),
    'it has become shorter': (source) => writeFileSync(source, 'sku,name\na,Ann\n'),
    'other bytes, as many of them': (source) => writeFileSync(source, BAD.replace('Ann', 'Abe')),
    'another time': (source) => utimesSync(source, new Date(0), new Date(0)),
    'another file of the same content': (source) => {
      const content = readFileSync(source)
      rmSync(source)
      writeFileSync(`${source}.new`, content)
      writeFileSync(source, content)
    },
  }
  for (const [name, change] of Object.entries(changes)) {
    await t.test(name, async (t) => {
      const { db, source } = await overLimit(t)
      change(source)
      const error = await failure(t, resume(1, { databaseUrl: db.url, maxRejects: 2 }))
      t.match(error, { code: 'SOURCE_CHANGED', exitStatus: 1, details: { file: source, run: 1 } })
      t.equal(await db.value(`SELECT to_regclass('products')`), null, 'nothing is applied')

      const notes: string[] = []
      const options = { databaseUrl: db.url, maxRejects: '100%', onEvent: into(notes) }
      const receipt = await ingest(source, options)
      t.match(receipt, { run: 2 }, 'ingest begins anew')
      t.match(notes.join('\n'), /has changed since run 1, which is discarded/)
      await assertNothingLeft(t, db)
    })
  }
})

t.test('other options, another table or --restart begin a run of their own', async (t) => {
  const { db, source } = await overLimit(t)
  const options = { databaseUrl: db.url }
  for (const other of [
    { duplicates: 'first' },
    { key: 'sku,name' },
    { onConflict: 'skip' },
  ] as LoadOptions[]) {
    const error = await failure(t, ingest(source, { ...options, ...other }))
    t.not(error.details.run, 1, JSON.stringify(other))
  }
  for (const same of [{}, { workers: 3 }, { rangeSize: 10 }, { retryFor: 1 }] as LoadOptions[]) {
    t.match(
      await failure(t, ingest(source, { ...options, ...same })),
      { details: { run: 1 } },
      JSON.stringify(same),
    )
  }
  t.match(await failure(t, ingest(source, { ...options, restart: true })), { details: { run: 5 } })
  t.match(await failure(t, resume(1, options)), { code: 'RUN_ENDED', exitStatus: 1 }, '--restart gives it up')
  t.match(await ingest(source, { ...options, maxRejects: 2 }), { run: 6 })
  await assertNothingLeft(t, db)
})

t.test('update goes on with update only', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, 'sku,name\na,old\n'), options)
  const source = file(t, BAD)
  t.match(await failure(t, update(source, options)), { details: { run: 2 } })
  t.match(await failure(t, ingest(source, options)), { details: { run: 3 } })
  t.match(await failure(t, update(source, options)), { details: { run: 2 } })
  t.match(await resume(2, { ...options, maxRejects: 2 }), {
    command: 'update',
    rows: { updated: 1, inserted: 2 },
  })
  await assertNothingLeft(t, db)
})

t.test('a run that somebody is at cannot be taken away', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, 'sku,name\na,old\n'), options)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const source = file(t, 'sku,name\na,new\n')
  const first = ingest(source, options)
  while ((await db.value(`SELECT max(state) FROM dasy.runs WHERE run = 2`)) !== 'merging');
  t.match(await failure(t, resume(2, options)), { code: 'RUN_ACTIVE', exitStatus: 1, details: { run: 2 } })
  t.same(await clean(options), { runs: [], bytes: 0 }, 'nor given up')
  t.match(await failure(t, migrateDown(options)), { code: 'RUN_ACTIVE', details: { runs: [2] } })
  const second = ingest(source, options)
  while ((await db.value(`SELECT count(*) FROM dasy.runs WHERE state = 'merging'`)) !== 2);
  await holder.query('COMMIT')
  const receipts = await Promise.all([first, second])
  t.same(receipts.map(({ run }) => run).sort(), [2, 3], 'the same command has a run of its own')
  t.same(receipts.map(({ rows }) => rows.updated).sort(), [0, 1], 'one after the other')
  await assertNothingLeft(t, db)
})

t.test('runs that stopped are given up by age', async (t) => {
  const { db, source } = await overLimit(t)
  const options = { databaseUrl: db.url }
  await failure(t, ingest(source, { ...options, duplicates: 'first' }))
  await db.run(`UPDATE dasy.runs SET touched_at = now() - interval '2 days' WHERE run = 1`)
  const notes: string[] = []
  await ingest(file(t, 'sku,name\na,Ann\n'), { ...options, onEvent: into(notes) })
  t.match(notes.join('\n'), /stopped runs \(2, 1\) keep \d+ MB of staging; "dasy runs clean"/)
  const { runs, bytes } = await clean({ ...options, olderThan: 86_400 })
  t.same(runs, [1])
  t.ok(bytes > 0)
  t.match(await failure(t, resume(1, { ...options, maxRejects: 2 })), { code: 'RUN_ENDED' })
  t.equal(await db.value('SELECT count(*) FROM dasy.rejects WHERE run = 1'), 2, 'what it rejected is kept')
  t.match(await resume(2, { ...options, maxRejects: 2 }), { run: 2, status: 'completed' })
  await assertNothingLeft(t, db)
})

t.test('a process that has lost its run to another one can write nothing more of it', async (t) => {
  const db = await testDatabase(t)
  const source = generatedProducts(t, 20_000)
  let taken: Promise<unknown> | undefined
  // As the other one does when it goes on with the run.
  const take = () => db.run(`UPDATE dasy.runs SET attempt = attempt + 1, state = 'staging' WHERE run = 1`)
  const onEvent = hearing({
    advanced: (_, records) => {
      if (records > 0) taken ??= take()
    },
  })
  const call = ingest(source, { databaseUrl: db.url, onEvent, workers: 2, rangeSize: 2000 })
  t.match(await failure(t, call), { code: 'RUN_TAKEN', exitStatus: 1, details: { run: 1 } })
  await taken
  const [run] = await db.rows('SELECT state, outcome, attempt FROM dasy.runs')
  t.same(run, { state: 'staging', outcome: null, attempt: 2 }, 'the ledger is the other one’s')
  const staged = await db.value<number>('SELECT count(*)::int FROM dasy.staging_1')
  t.equal(
    await db.value('SELECT sum(records)::int FROM dasy.ranges'),
    staged,
    'and tells of all that is staged',
  )
  const receipt = await resume(1, { databaseUrl: db.url })
  t.match(receipt.rows, { read: 20_000, rejected: 0 })
  await assertNothingLeft(t, db)
})

t.test('a run that stops while it goes on at a higher limit remembers that limit', async (t) => {
  const { db } = await overLimit(t)
  const options = { databaseUrl: db.url }
  await ingest(file(t, 'sku,name\nz,Zoe\n'), options)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const abort = new AbortController()
  const stopped = failure(t, resume(1, { ...options, maxRejects: 2, signal: abort.signal }))
  while ((await db.value(`SELECT max(state) FROM dasy.runs WHERE run = 1`)) !== 'merging');
  abort.abort()
  t.match(await stopped, { code: 'INTERRUPTED' })
  await holder.query('COMMIT')
  t.match((await resume(1, options)).rows, { rejected: 2, inserted: 3 })
  await assertNothingLeft(t, db)
})

t.test(
  'a run whose settings an earlier version has stored is refused, and kept until it is discarded',
  async (t) => {
    const { db } = await overLimit(t)
    await db.run(`UPDATE dasy.runs SET options = options -> 'reading' WHERE run = 1`)
    const error = await failure(t, resume(1, { databaseUrl: db.url }))
    t.match(error, { code: 'RUN_ENDED', exitStatus: 1, details: { run: 1 } })
    t.match(error.message, 'run 1 was begun by an earlier version of dasy')
    t.ok(await db.value(`SELECT to_regclass('dasy.staging_1') IS NOT NULL`))
    t.match(await clean({ databaseUrl: db.url, run: 1 }), { runs: [1] })
    await assertNothingLeft(t, db, { tables: [] })
  },
)

t.test('a run that nobody has heard of', async (t) => {
  const db = await testDatabase(t)
  t.match(await failure(t, resume(7, { databaseUrl: db.url })), { code: 'RUN_NOT_FOUND', exitStatus: 1 })
  await ingest(file(t, 'sku\na\n'), { databaseUrl: db.url })
  t.match(await failure(t, resume(7, { databaseUrl: db.url })), { code: 'RUN_NOT_FOUND' })
})

t.test('somebody alters the table while a run is on its way', async (t) => {
  const alterations: Record<string, [string, object]> = {
    'a column more': ['ALTER TABLE products ADD COLUMN price numeric', { rows: { updated: 1 } }],
    'a column less': ['ALTER TABLE products DROP COLUMN name', { code: 'COLUMN_UNKNOWN' }],
    'another type': ['ALTER TABLE products ALTER COLUMN name TYPE varchar(20)', { rows: { updated: 1 } }],
    'another key': ['ALTER TABLE products DROP CONSTRAINT products_pkey', { code: 'KEY_MISMATCH' }],
    'another name': ['ALTER TABLE products RENAME TO goods', { code: 'TABLE_NOT_FOUND' }],
    'it is gone': ['DROP TABLE products', { code: 'TABLE_NOT_FOUND' }],
  }
  for (const [name, [alteration, expected]] of Object.entries(alterations)) {
    await t.test(name, async (t) => {
      const db = await testDatabase(t)
      await ingest(file(t, 'sku,name\na,old\n'), { databaseUrl: db.url })
      const holder = await db.client()
      await holder.query('BEGIN')
      await holder.query(alteration)
      // It asks the catalog before and after it has waited for the table.
      const run = update(file(t, 'sku,name\na,new\n'), { databaseUrl: db.url }).catch((error) => error)
      while ((await db.value(`SELECT max(state) FROM dasy.runs WHERE run = 2`)) !== 'merging');
      await holder.query('COMMIT')
      t.match(await run, expected)
    })
  }
})
