import t, { type Test } from 'tap'
import { apply, cancel, enqueue, ingest, plan, purge, resume, undo, work } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

// The sums are raised by the transaction that ends a run, whatever ends it, and each run and record counts once.

const COUNTS = [
  'read',
  'bytes',
  'rejected',
  'duplicates',
  'inserted',
  'updated',
  'unchanged',
  'skipped',
  'deleted',
]

/** How often runs ended, as `ingest completed`, and what all of them did together; only what is not 0. */
async function sums(db: TestDatabase): Promise<Record<string, number>> {
  const runs = await db.rows<{ name: string; runs: number }>(
    `SELECT concat(command, ' ', status) AS name, sum(runs)::bigint AS runs FROM dasy.sums GROUP BY 1 ORDER BY 1`,
  )
  const totals = COUNTS.map((name) => `sum(${name})::bigint AS ${name}`).join(', ')
  const counts = await db.row<Record<string, number>>(`SELECT ${totals} FROM dasy.sums`)
  const all = { ...Object.fromEntries(runs.map((each) => [each.name, each.runs])), ...counts }
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0))
}

/** That the sums say of completed runs what the ledger says. */
async function agrees(t: Test, db: TestDatabase): Promise<void> {
  for (const name of COUNTS.slice(3)) {
    const kept = await db.value(`SELECT sum(${name})::bigint FROM dasy.sums`)
    const text = `SELECT coalesce(sum((rows ->> $1)::bigint), 0)::bigint FROM dasy.runs WHERE outcome = 'completed'`
    t.equal(kept, await db.value(text, [name]), `${name} is as the ledger has it`)
  }
}

t.test('a run that fails and goes on counts each of its ends, and its records once', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, workers: 1 }
  const bad = file(t, 'sku,name\n1,a\n2,b\n"3"x,c\n')
  await failure(t, ingest(bad, options))
  t.same(await sums(db), { 'ingest rejected': 1, read: 3, rejected: 1 })
  await failure(t, resume(1, options))
  t.same(await sums(db), { 'ingest rejected': 2, read: 3, rejected: 1 }, 'it has stopped again')
  await resume(1, { ...options, maxRejects: 1 })
  const done = { 'ingest completed': 1, 'ingest rejected': 2, read: 3, bytes: 24, rejected: 1, inserted: 2 }
  t.same(await sums(db), done)
  await resume(1, options)
  t.same(await sums(db), done, 'it was complete')
  await agrees(t, db)
})

t.test('what is rolled back is not counted', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, workers: 1, retryFor: 0 }
  await ingest(file(t, 'sku,name\n1,a\n'), options)
  const before = await sums(db)
  await db.run(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON products DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION refuse()`)
  const error = await failure(t, ingest(file(t, 'sku,name\n2,b\n'), { ...options, trustOwner: true }))
  const after = await sums(db)
  t.equal(after['ingest completed'], before['ingest completed'], `the commit has failed: ${error.message}`)
  t.equal(after.inserted, before.inserted)
  await db.run('DROP TRIGGER late ON products')
  await ingest(file(t, 'sku,name\n2,b\n'), options)
  t.match(await sums(db), { 'ingest completed': 2, inserted: 2, read: 3 })
  await agrees(t, db)
})

t.test('plans, undo and purge', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, workers: 1 }
  await plan(file(t, 'sku,name\n1,a\n2,b\n2,c\n'), options)
  t.same(await sums(db), { 'plan planned': 1, read: 3 }, 'nothing is done yet')
  await apply(1, { databaseUrl: db.url, replan: true })
  t.same(await sums(db), { 'plan planned': 1, read: 3 }, 'made again, it is the same plan')
  await apply(1, { databaseUrl: db.url })
  const applied = { 'plan completed': 1, 'plan planned': 1, read: 3, bytes: 21, duplicates: 1, inserted: 2 }
  t.same(await sums(db), applied)
  await undo(1, { databaseUrl: db.url })
  const undone = { 'undo completed': 1, ...applied, deleted: 2 }
  t.same(await sums(db), undone, 'an undo reads no records')
  await ingest(file(t, 'sku,name\n1,a\n'), options)
  await purge('products', { databaseUrl: db.url })
  t.match(await sums(db), { 'purge completed': 1, read: 4, inserted: 3, deleted: 3 })
  await agrees(t, db)
})

t.test('a run of the queue counts as failed when it is given up, not at each attempt', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, retryFor: 0, workers: 1 }
  await enqueue(file(t, 'sku,name\n1,a\n'), { ...options, table: 'other' })
  t.same(await work({ databaseUrl: db.url, once: true }), { loaded: 1, notLoaded: 0, exitStatus: 0 })
  t.match(await sums(db), { 'ingest completed': 1 })
  const bad = file(t, 'sku,name\n"1"x,a\n')
  const { run } = await enqueue(bad, options)
  await work({ databaseUrl: db.url, once: true })
  t.match(await sums(db), { 'ingest completed': 1, 'ingest rejected': 1, read: 2, rejected: 1 })
  const waiting = await enqueue(bad, options)
  await cancel(waiting.run, { databaseUrl: db.url })
  t.match(await sums(db), { 'ingest interrupted': 1, 'ingest rejected': 1 })
  await db.run(`
    UPDATE dasy.jobs SET waiting = true WHERE run = ${run};
    UPDATE dasy.runs SET outcome = NULL WHERE run = ${run};
    UPDATE dasy.runs SET outcome = 'failed' WHERE run = ${run}`)
  t.equal((await sums(db))['ingest failed'], undefined, 'it is tried again')
  await db.run(`UPDATE dasy.jobs SET waiting = false WHERE run = ${run}`)
  t.equal((await sums(db))['ingest failed'], 1, 'it is given up')
  await db.run(`UPDATE dasy.jobs SET waiting = true WHERE run = ${run}`)
  await db.run(`
    WITH job AS (UPDATE dasy.jobs SET waiting = false WHERE run = ${run} RETURNING run)
    UPDATE dasy.runs AS r SET outcome = 'interrupted' FROM job WHERE r.run = job.run`)
  t.match(await sums(db), { 'ingest failed': 1, 'ingest interrupted': 2 }, 'both at once count once')
})

t.test('writers of single rows do not wait for each other', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url })
  const clients = []
  const shards = new Set<number>()
  while (clients.length < 2) {
    const client = await db.client()
    const { rows } = await client.query('SELECT pg_backend_pid() % 16 AS shard')
    const { shard } = rows[0] as { shard: number }
    if (!shards.has(shard)) clients.push(client)
    shards.add(shard)
  }
  for (const client of clients) {
    await client.query(`SET statement_timeout = '20s'; BEGIN`)
    const inserted = await client.query(
      `INSERT INTO dasy.runs (command, target, key, options, workers) VALUES ('row', 'products', '{sku}', '{}', 0) RETURNING run`,
    )
    const { run } = inserted.rows[0] as { run: number }
    await client.query(
      `UPDATE dasy.runs SET state = 'ended', outcome = 'completed', rows = '{"read": 1, "updated": 1}' WHERE run = ${run}`,
    )
  }
  for (const client of clients) await client.query('COMMIT')
  t.match(await sums(db), { 'row completed': 2, updated: 2, read: 1 })
})

t.test('a superuser uses a schema that somebody else has made', async (t) => {
  const db = await testDatabase(t)
  const owner = await db.role()
  await db.run(
    `GRANT CREATE ON DATABASE ${db.name} TO ${owner.name}; GRANT CREATE ON SCHEMA public TO ${owner.name}`,
  )
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: owner.url })
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url, table: 'goods' })
  t.match(await sums(db), { 'ingest completed': 2 })
})
