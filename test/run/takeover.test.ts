import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { joinRun } from '../../lib/db/locks.js'
import { clean, ingest, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'

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
  // A worker of a process that sleeps or was cut off.
  await using worker = await database.session('dasy worker 1')
  await joinRun(worker, run)
  // And workers of another run.
  await using neighbour = await database.session('dasy worker 1')
  await joinRun(neighbour, other)

  t.match((await resume(run, options)).rows, { read: 2, rejected: 1, inserted: 1 })
  await t.rejects(worker.run('SELECT 1'), { code: 'CONNECTION_LOST' }, 'it is ended')
  t.ok(await neighbour.row('SELECT 1'), 'the other one goes on')
  // Nor does who gives a run up leave somebody at its staging.
  t.match(await clean({ databaseUrl: db.url }), { runs: [other] })
  await t.rejects(neighbour.run('SELECT 1'), { code: 'CONNECTION_LOST' })
  await assertNothingLeft(t, db)
})
