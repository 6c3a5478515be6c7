import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { RunLedger } from '../../lib/ledger/run-ledger.js'
import { migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'

/** Only the latest attempt at a run writes of it: whoever has lost the run changes nothing, whatever it was about to do. */

const NEW_RUN = {
  command: 'ingest',
  target: 'products',
  key: ['sku'],
  options: {},
  workers: 1,
  sources: [],
}
const ENDING = {
  rows: { read: 5 },
  aggregates: null,
  seconds: null,
  error: { code: 'X', message: 'x', hint: undefined },
}

t.test('an attempt that is not the latest', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  const ledger = await RunLedger.begin(session, NEW_RUN)
  await ledger.enter('staging')
  await db.run(`CREATE TABLE dasy.staging_${ledger.run} (position bigint)`)
  await db.run('UPDATE dasy.runs SET attempt = attempt + 1')
  const state = () =>
    db.rows('SELECT r, to_regclass($1) AS staging FROM dasy.runs AS r', [`dasy.staging_${ledger.run}`])
  const before = await state()
  await t.rejects(ledger.enter('staged'), { code: 'RUN_TAKEN', exitStatus: 1 }, 'it enters no state')
  await t.rejects(ledger.complete(ENDING), { code: 'RUN_TAKEN' }, 'it completes nothing')
  await ledger.stop('failed', ENDING)
  t.same(await state(), before, 'it stops nothing')
  await ledger.abandon('failed', ENDING)
  t.same(await state(), before, 'it ends nothing, and removes nothing')
})

t.test('the latest one, once', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  const ledger = await RunLedger.begin(session, NEW_RUN)
  await ledger.complete(ENDING)
  t.match(await db.rows('SELECT state, outcome FROM dasy.runs'), [{ state: 'ended', outcome: 'completed' }])
  await t.rejects(ledger.complete(ENDING), { code: 'RUN_TAKEN' }, 'a second time it completes nothing')
  await t.rejects(ledger.enter('merging'), { code: 'RUN_TAKEN' })
})
