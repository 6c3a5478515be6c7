import t from 'tap'
import { Database } from '../lib/db/database.js'
import { joinRun } from '../lib/db/locks.js'
import { ingest, resume } from './support/compiled.js'
import { type TestDatabase, testDatabase } from './support/database.js'
import { file } from './support/files.js'
import { assertNothingLeft } from './support/leftovers.js'

/** Who goes on with a run ends what earlier attempts left at its staging, and nobody else. */

/** A run that is over its limit. */
async function stoppedRun(db: TestDatabase, source: string): Promise<number> {
  const error = await ingest(source, { databaseUrl: db.url }).catch((error) => error)
  if (error.code !== 'TOO_MANY_REJECTS') throw error
  return error.details.run
}

t.test('sessions of an earlier attempt that are at its staging are ended, others are not', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, maxRejects: 1 }
  const run = await stoppedRun(db, file(t, 'sku,name\na,Ann\nb\n'))
  const other = await stoppedRun(db, file(t, 'sku,name\nc,Cem\nd\n'))
  await using database = await Database.open({ databaseUrl: db.url })
  // A worker of a process that sleeps or was cut off, in the middle of its range.
  await using worker = await database.session('dasy worker 1')
  await joinRun(worker, run)
  await worker.run('BEGIN')
  await worker.run(`INSERT INTO dasy.staging_${run}_1 VALUES (99, 'late', 'Liz')`)
  const lost = worker.lost.catch((error) => error)
  // And workers of another run.
  await using neighbour = await database.session('dasy worker 1')
  await joinRun(neighbour, other)

  t.match((await resume(run, options)).rows, { read: 2, rejected: 1, inserted: 1 })
  t.match(await lost, { code: 'CONNECTION_LOST' })
  t.same(await db.rows('SELECT sku FROM products'), [{ sku: 'a' }], 'what it had not committed is not there')
  t.ok(await neighbour.row('SELECT 1'), 'the other one goes on')
  await neighbour.close()
  t.match((await resume(other, options)).rows, { read: 2, rejected: 1, inserted: 1 })
  await assertNothingLeft(t, db)
})
