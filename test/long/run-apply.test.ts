import { rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { EXISTING, FILE, planned, rowsOf, setOf } from '../run/planned.js'
import { apply, clean, ingest, plan, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

t.test('a large plan has a table of its own, which becomes the history', async (t) => {
  for (const check of ['', `; ALTER TABLE things ADD CHECK (name <> 'q')`]) {
    const db = await testDatabase(t)
    const many = (value: string) => Array.from({ length: 30_000 }, (_, i) => `k${i},${value},${i}`).join('\n')
    await db.run(`${EXISTING}${check}`)
    const options = { databaseUrl: db.url, table: 'things' }
    await ingest(file(t, `sku,name,size\n${many('x')}\n`), options)
    const { run, rows, sample } = await plan(file(t, `sku,name,size\n${many('y')}\n`), options)
    t.match(rows, { updated: 30_000 })
    t.equal(sample.length, 10)
    t.match(sample[0], { key: { sku: 'k0' }, old: { name: 'x' }, new: { name: 'y' }, line: 2, byte: 14 })
    const made = await db.value(`SELECT 'dasy.changes_${run}'::regclass::oid`)
    await apply(run, { databaseUrl: db.url })
    t.equal(await db.value(`SELECT count(*) FROM things WHERE name = 'y'`), 30_000)
    t.equal(await db.value(`SELECT 'dasy.changes_${run}'::regclass::oid`), made, 'it is not written again')
    t.equal(await db.value(`SELECT count(*) FROM dasy.changes_${run}`), 30_000)
  }
})

t.test('a plan waits for nobody, and nobody for it', async (t) => {
  const db = await testDatabase(t)
  await db.run(EXISTING)
  const other = await db.client()
  await other.query(
    `BEGIN; LOCK TABLE things IN ROW EXCLUSIVE MODE; UPDATE things SET size = 5 WHERE sku = 'b'`,
  )
  const { run } = await plan(file(t, FILE), { databaseUrl: db.url, table: 'things' })
  await other.query('COMMIT')
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), { code: 'PLAN_STALE' })
})

t.test('a plan needs its file no more', async (t) => {
  const { db, source, run } = await planned(t)
  rmSync(source)
  t.match(await apply(run, { databaseUrl: db.url, replan: true }), {
    status: 'planned',
    rows: { updated: 2 },
  })
  t.match(await apply(run, { databaseUrl: db.url }), {
    status: 'completed',
    rows: { updated: 2, inserted: 1 },
  })
})

t.test('a plan is not taken over, and not given up by a load that completes', async (t) => {
  const { db, source, run, given } = await planned(t)
  const second = await plan(source, given)
  t.not(second.run, run, 'a second plan is a run of its own')
  const loaded = await ingest(source, { ...given, restart: true })
  t.equal(loaded.run, 3)
  t.same(await db.rows('SELECT run, outcome FROM dasy.runs ORDER BY run'), [
    { run: 1, outcome: 'planned' },
    { run: 2, outcome: 'planned' },
    { run: 3, outcome: 'completed' },
  ])
  t.match(await failure(t, resume(run, { databaseUrl: db.url })), {
    code: 'RUN_ENDED',
    hint: `Apply it: dasy apply ${run}`,
  })
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    details: { differ: 3 },
  })
  t.same((await clean({ databaseUrl: db.url })).runs, [2, 1])
  t.equal(await db.value(`SELECT count(*) FROM dasy.changes WHERE run IN (1, 2)`), 0)
  t.equal(await db.value(`SELECT count(*) FROM dasy.changes WHERE run = 3`), 3, 'history stays')
  t.equal(await db.value(`SELECT count(*) FROM pg_class WHERE relname ~ '^staging_'`), 0)
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), {
    code: 'NOT_A_PLAN',
    message: /run 1 is no plan: it is interrupted/,
  })
})

t.test('what is no plan is not applied', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  t.match(await failure(t, apply(1, options)), { code: 'RUN_NOT_FOUND' })
  const done = await ingest(file(t, 'sku,name\na,b\n'), options)
  t.match(await apply(done.run, options), { run: 1, status: 'completed', command: 'ingest' })
  await failure(t, ingest(file(t, 'sku,name\na,b\nc\n'), options))
  t.match(await failure(t, apply(2, options)), {
    code: 'NOT_A_PLAN',
    exitStatus: 1,
    hint: 'Resume it: dasy resume 2',
    details: { run: 2 },
  })
})

t.test('a plan with too many rejects is resumed as a plan', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const source = file(t, 'sku,name\na,b\nc\n')
  t.match(await failure(t, plan(source, options)), { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
  t.match(await resume(1, { ...options, maxRejects: 1 }), {
    status: 'planned',
    rows: { inserted: 1, rejected: 1 },
    sample: [{ op: 'insert', key: { sku: 'a' } }],
  })
  t.match(await apply(1, options), { status: 'completed' })
  t.equal(await db.value('SELECT count(*) FROM products'), 1)
})

/** What a crash of the server does to unlogged tables. */
const crash = async (db: TestDatabase, run: number) =>
  db.run(`TRUNCATE dasy.ranges; TRUNCATE dasy.staging_${run}`)

t.test('a plan whose staging is lost can be made again from the file', async (t) => {
  const { db, source, run } = await planned(t)
  await crash(db, run)
  const lost = { code: 'PLAN_LOST', exitStatus: 1, hint: /dasy apply 1 --replan/ }
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), lost)
  t.match(await apply(run, { databaseUrl: db.url, replan: true }), { run, rows: { read: 4, updated: 2 } })
  t.match(await apply(run, { databaseUrl: db.url }), { run, rows: { inserted: 1, updated: 2, unchanged: 1 } })
  t.equal((await rowsOf(db)).length, 5)

  const other = await planned(t)
  await crash(other.db, other.run)
  writeFileSync(other.source, 'sku,name\nq,r\n')
  t.match(await failure(t, apply(other.run, { databaseUrl: other.db.url, replan: true })), {
    code: 'SOURCE_CHANGED',
  })
  t.ok(source)
})

t.test('SQL before and after is tried with the plan, and run when it is applied', async (t) => {
  const db = await testDatabase(t)
  const before = file(
    t,
    `CREATE TABLE IF NOT EXISTS log (what text); UPDATE things SET size = 20 WHERE sku = 'b'`,
  )
  const after = file(t, `INSERT INTO log SELECT 'after ' || count(*) FROM things`)
  await db.run(EXISTING)
  const options = { databaseUrl: db.url, table: 'things', before, after }
  const { run, rows } = await plan(file(t, FILE), options)
  t.match(rows, { inserted: 1, updated: 2, unchanged: 1 })
  t.equal(await db.value(`SELECT to_regclass('log')`), null)
  t.equal(await db.value(`SELECT size FROM things WHERE sku = 'b'`), 2)
  t.match(await apply(run, { databaseUrl: db.url }), { rows })
  t.same(await db.rows('SELECT * FROM log'), [{ what: 'after 5' }])

  const { run: second } = await plan(file(t, 'sku,name,size\na,last,1\n'), options)
  writeFileSync(after, 'SELECT 1')
  t.match(await failure(t, apply(second, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    message: /has changed/,
  })
})

t.test('SQL before may make the table', async (t) => {
  const db = await testDatabase(t)
  const before = file(t, `CREATE TABLE things (sku text PRIMARY KEY, name text, size integer DEFAULT 5)`)
  const after = file(t, `SELECT count(*) FROM things`)
  const { run } = await plan(file(t, 'sku,name\na,b\n'), { databaseUrl: db.url, table: 'things', before })
  t.match(await apply(run, { databaseUrl: db.url }), { rows: { inserted: 1 } })
  t.same(
    (await rowsOf(db)).map(({ row }) => row),
    ['(a,b,5)'],
  )
  const other = await plan(file(t, 'sku,name\na,b\n'), { databaseUrl: db.url, table: 'fresh', after })
  t.same(await setOf(db, other.run), ['insert a'])
  t.match(await apply(other.run, { databaseUrl: db.url, replan: true }), { rows: { inserted: 1 } })
  t.match(await apply(other.run, { databaseUrl: db.url }), { rows: { inserted: 1 } })
})

t.test('a plan is shown also if no history is kept, and then keeps none', async (t) => {
  const { db, run } = await planned(t, EXISTING, { history: false })
  t.same(await setOf(db, run), ['update b', 'update c', 'insert d'])
  await apply(run, { databaseUrl: db.url })
  t.match(await db.row('SELECT kind, updated FROM dasy.change_sets WHERE run = $1', [run]), {
    kind: 'none',
    updated: 2,
  })
  t.equal(await db.value('SELECT count(*) FROM dasy.changes'), 0)
})

t.test('a plan that would delete too much says what it found, and can be resumed', async (t) => {
  const db = await testDatabase(t)
  await db.run(EXISTING)
  const events: unknown[] = []
  const onEvent = (event: { type: string }) => {
    if (event.type === 'planned') events.push(event)
  }
  const options = { databaseUrl: db.url, table: 'things', sync: true, onEvent }
  const source = file(t, 'sku,name,size\na,one,1\nb,two,many\n')
  const error = await failure(t, plan(source, { ...options, maxRejects: 1, maxDeletes: 9 }))
  t.match(error, {
    code: 'SYNC_WITH_REJECTS',
    exitStatus: 3,
    details: { run: 1, rows: { rejected: 1, deleted: 3, unchanged: 1 }, sample: { length: 3 } },
  })
  t.match(events, [{ receipt: { status: 'rejected', sample: { length: 3 } }, rejects: [{ line: 3 }] }])
  t.equal(await db.value('SELECT outcome FROM dasy.runs'), 'rejected')
  t.equal(await db.value('SELECT count(*) FROM dasy.change_sets'), 0)
  t.match(await failure(t, apply(1, { databaseUrl: db.url })), { code: 'NOT_A_PLAN' })
  const resumed = await resume(1, { databaseUrl: db.url, syncDespiteRejects: true })
  t.match(resumed, { status: 'planned', rows: { deleted: 3 } })
  t.match(
    await failure(t, plan(source, { ...options, maxRejects: 1, maxDeletes: 1, syncDespiteRejects: true })),
    {
      code: 'TOO_MANY_DELETES',
      exitStatus: 3,
      details: { run: 2, rows: { deleted: 3 } },
    },
  )
  await db.run(`INSERT INTO things VALUES ('w', 'x', 1)`)
  t.match(await failure(t, apply(1, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    message: /1 would be deleted as well/,
  })
  await db.run(`DELETE FROM things WHERE sku = 'w'`)
  t.match(await apply(1, { databaseUrl: db.url }), { status: 'completed', rows: { deleted: 3 } })
  t.same(
    (await rowsOf(db)).map(({ row }) => row),
    ['(a,one,1)'],
  )
})

t.test('two that apply the same plan: one does it', async (t) => {
  const { db, run } = await planned(t)
  const both = await Promise.allSettled([
    apply(run, { databaseUrl: db.url }),
    apply(run, { databaseUrl: db.url }),
  ])
  for (const each of both) {
    if (each.status === 'fulfilled') t.match(each.value, { run, status: 'completed', rows: { updated: 2 } })
    else t.match(each.reason, { code: 'RUN_ACTIVE' })
  }
  t.equal(await db.value('SELECT count(*) FROM dasy.changes'), 3)
})
