import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'

/** Ctrl-C in each phase of a load: status 130 with work left to do, the table as it was, nothing left behind. */

const OLD = [{ sku: 'a', name: 'old', description: null }]

/** A database whose products hold one row, and in which a run has been. */
async function prepared(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  const first = CliProcess.start(t, [
    'ingest',
    file(t, 'sku,name\na,old\n'),
    '--quiet',
    '--database-url',
    db.url,
  ])
  t.equal((await first.ended).status, 0)
  return db
}

function checkEnding(t: Test, { status, signal, stdout, stderr }: Ending): void {
  t.same({ status, signal, stdout }, { status: 130, signal: null, stdout: '' }, stderr)
  t.match(stderr, /^dasy: interrupted.*\n +\S/m, 'it says so, and what to do')
  t.notMatch(stderr, /fault in dasy|canceling/)
}

async function checkUntouched(t: Test, db: TestDatabase, status: string | undefined): Promise<void> {
  t.same(await db.rows('SELECT sku, name, description FROM products'), OLD)
  const runs = CliProcess.start(t, ['runs', '--json', '--database-url', db.url])
  const [latest, ...earlier] = JSON.parse((await runs.ended).stdout)
  if (status) t.match(latest, { status, command: 'ingest', aggregates: null })
  else t.same([latest.status, earlier], ['completed', []], 'no run began')
  await assertNothingLeft(t, db, { stopped: status ? 1 : 0 })
}

t.test('while the database does not answer', async (t) => {
  const silent = createServer((socket) => t.teardown(() => socket.destroy()))
  let asked = false
  silent.on('connection', () => {
    asked = true
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as { port: number }
  const args = ['ingest', file(t, 'sku\na\n'), '--database-url', `postgresql://me@127.0.0.1:${port}/x`]
  const load = CliProcess.start(t, args)
  await load.until('it connects', () => asked)
  checkEnding(t, await load.interrupt())
})

t.test('while the run is planned', async (t) => {
  const db = await prepared(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE dasy.runs IN ACCESS EXCLUSIVE MODE')
  const load = CliProcess.start(t, ['ingest', file(t, 'sku,name\na,new\n'), '--database-url', db.url])
  await load.until('it waits', () => waits(db))
  checkEnding(t, await load.interrupt())
  await holder.query('COMMIT')
  await checkUntouched(t, db, undefined)
})

t.test('while the file is copied', async (t) => {
  const db = await prepared(t)
  // Ranges of a record or two: so it takes long enough wherever it runs.
  const args = ['ingest', generatedProducts(t, 30_000), '--range-size', '200', '--workers', '2']
  const load = CliProcess.start(t, [...args, '--database-url', db.url])
  await load.until('it copies', async () => (await db.value<number>('SELECT count(*) FROM dasy.ranges')) > 10)
  checkEnding(t, await load.interrupt())
  t.ok(
    (await db.value<number>('SELECT sum(records)::int FROM dasy.ranges')) < 30_000,
    'not all is copied first',
  )
  await checkUntouched(t, db, 'interrupted')
})

t.test('while the rows are merged', async (t) => {
  const db = await prepared(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const load = CliProcess.start(t, ['ingest', file(t, 'sku,name\na,new\nb,new\n'), '--database-url', db.url])
  await load.until('it waits', () => waits(db))
  checkEnding(t, await load.interrupt())
  await holder.query('COMMIT')
  await checkUntouched(t, db, 'interrupted')
})

t.test('while the aggregate is brought up to date', async (t) => {
  const db = await prepared(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products_agg IN SHARE MODE')
  const load = CliProcess.start(t, ['ingest', file(t, 'sku,name\na,new\nb,new\n'), '--database-url', db.url])
  await load.until('it waits', () => waits(db))
  checkEnding(t, await load.interrupt())
  await holder.query('COMMIT')
  await checkUntouched(t, db, 'interrupted')
})

t.test('with --json, which tells programs so', async (t) => {
  const db = await prepared(t)
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const args = ['ingest', file(t, 'sku,name\na,new\n'), '--json', '--database-url', db.url]
  const load = CliProcess.start(t, args)
  await load.until('it waits', () => waits(db))
  const { status, stdout } = await load.interrupt()
  t.equal(status, 130)
  t.match(JSON.parse(stdout), { error: { code: 'INTERRUPTED', run: 2, rows: { read: 1 } } })
})

t.test('a second Ctrl-C ends it where it stands, and the same command goes on', async (t) => {
  const db = await prepared(t)
  const args = ['ingest', generatedProducts(t, 30_000), '--database-url', db.url]
  const load = CliProcess.start(t, [...args, '--range-size', '200'])
  await load.until('it copies', async () => (await db.value<number>('SELECT count(*) FROM dasy.ranges')) > 10)
  load.interrupt()
  t.equal((await load.interrupt()).status, 130)
  const next = await CliProcess.start(t, [...args, '--json']).ended
  t.equal(next.status, 0)
  t.match(next.stderr, /resuming run 2/)
  t.match(JSON.parse(next.stdout), { run: 2, rows: { read: 30_000 } })
  await assertNothingLeft(t, db)
})

function waits(db: TestDatabase): Promise<boolean> {
  return db.value<boolean>(`SELECT count(*) > 0 FROM pg_locks
    WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
}
