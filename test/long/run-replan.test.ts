import { renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { apply, clean, plan, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** A plan that is to be made again, and cannot: it is as it was, and can be made again later. */

const FILE = 'sku,name\na,one\nb,TWO\nc,three\n'

async function planned(t: Test, options: LoadOptions = {}) {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (sku text PRIMARY KEY, name text);
    INSERT INTO things VALUES ('a', 'one'), ('b', 'two'), ('z', 'other')`)
  const source = file(t, FILE)
  const receipt = await plan(source, { databaseUrl: db.url, table: 'things', ...options })
  const given = { databaseUrl: db.url }
  return { db, source, receipt, given, again: { ...given, replan: true } }
}

/** What a crash of the server does to unlogged tables. */
const crash = (db: TestDatabase) => db.run('TRUNCATE dasy.ranges; TRUNCATE dasy.staging_1')

const outcome = (db: TestDatabase) => db.row('SELECT outcome, error FROM dasy.runs WHERE run = 1')
const isPlanned = { outcome: 'planned', error: null }

t.test('SQL of the user fails', async (t) => {
  const before = file(t, 'SELECT 1')
  const { db, receipt, given, again } = await planned(t, { before })
  writeFileSync(before, 'SELECT 1 / 0')
  t.match(await failure(t, apply(1, again)), {
    code: 'SQL_FILE_FAILED',
    hint: /dasy apply 1 --replan/,
    details: { run: 1 },
  })
  t.same(await outcome(db), isPlanned)
  writeFileSync(before, 'SELECT 1')
  t.match(await apply(1, given), { status: 'completed', rows: receipt.rows })
})

t.test('a key exists by now', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE TABLE things (sku text PRIMARY KEY, name text)')
  const options = { databaseUrl: db.url, table: 'things', onConflict: 'error' } as const
  await db.run(`INSERT INTO things VALUES ('z', 'other')`)
  const { rows } = await plan(file(t, FILE), options)
  await db.run(`INSERT INTO things VALUES ('b', 'mine')`)
  t.match(await failure(t, apply(1, { databaseUrl: db.url, replan: true })), { code: 'KEY_EXISTS' })
  t.same(await outcome(db), isPlanned)
  await db.run(`DELETE FROM things WHERE sku = 'b'`)
  t.match(await apply(1, { databaseUrl: db.url }), { status: 'completed', rows })
})

t.test('it is interrupted', async (t) => {
  const { db, receipt, given, again } = await planned(t)
  const abort = new AbortController()
  const onEvent = ({ type }: { type: string }) => {
    if (type === 'step') abort.abort()
  }
  const error = await failure(t, apply(1, { ...again, signal: abort.signal, onEvent }))
  t.match(error, { code: 'INTERRUPTED', exitStatus: 130, hint: /dasy apply 1 --replan/ })
  t.same(await outcome(db), isPlanned)
  t.match(await apply(1, given), { status: 'completed', rows: receipt.rows })
})

t.test('its records are lost, and its file is gone', async (t) => {
  const { db, source, receipt, given, again } = await planned(t)
  await crash(db)
  // Whoever renames the file itself touches it.
  const folder = dirname(source)
  renameSync(folder, `${folder}.away`)
  t.match(await failure(t, apply(1, again)), { code: 'FILE_NOT_FOUND', details: { run: 1 } })
  t.same(await outcome(db), isPlanned)
  t.match(await failure(t, apply(1, given)), { code: 'PLAN_LOST', hint: /dasy apply 1 --replan/ })
  t.match(await failure(t, apply(1, again)), { code: 'FILE_NOT_FOUND' }, 'once more')
  renameSync(`${folder}.away`, folder)
  t.match(await apply(1, again), { run: 1, status: 'planned', rows: receipt.rows })
  t.match(await apply(1, given), { status: 'completed', rows: receipt.rows })
})

t.test('its records are lost, and its file was changed', async (t) => {
  const { db, source, given, again } = await planned(t)
  await crash(db)
  writeFileSync(source, 'sku,name\nq,r\n')
  t.match(await failure(t, apply(1, again)), { code: 'SOURCE_CHANGED' })
  t.same(await outcome(db), isPlanned)
  t.match(await failure(t, apply(1, given)), { code: 'PLAN_LOST' })
  t.same((await clean(given)).runs, [1])
  t.equal(await db.value('SELECT count(*) FROM dasy.change_sets'), 0)
  t.equal(await db.value(`SELECT count(*) FROM pg_class WHERE relname ~ '^staging_'`), 0)
  t.equal(await db.value('SELECT count(*) FROM things'), 3)
})

t.test('it would delete too much by now: then it waits for more to be allowed', async (t) => {
  const { db, given, again } = await planned(t, { sync: true, maxDeletes: 1 })
  await db.run(`INSERT INTO things VALUES ('y', 'more')`)
  t.match(await failure(t, apply(1, again)), { code: 'TOO_MANY_DELETES', exitStatus: 3 })
  t.match(await outcome(db), { outcome: 'rejected' })
  t.match(await resume(1, { ...given, maxDeletes: 2 }), { run: 1, status: 'planned', rows: { deleted: 2 } })
  t.match(await apply(1, given), { status: 'completed', rows: { deleted: 2 } })
})
