import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { RunLedger, requireStored } from '../../lib/ledger/run-ledger.js'
import { migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'

/** Only the latest attempt at a run writes of it: whoever has lost the run changes nothing, whatever it was about to do. */

const NEW_RUN = {
  command: 'ingest',
  target: 'products',
  key: ['sku'],
  options: {},
  workers: 1,
  doubts: [],
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

t.test(
  'a process that was away goes on with its run, unless somebody else has been at it since',
  async (t) => {
    const db = await testDatabase(t)
    await migrateUp({ databaseUrl: db.url })
    await using database = await Database.open({ databaseUrl: db.url })
    const away = await database.session()
    const { run, attempt, backend } = await RunLedger.begin(away, NEW_RUN)
    await away.close()
    await using session = await database.session()
    const reopen = async (before: { run: number; attempt: number; backend: number } | undefined) => {
      const stored = await requireStored(session, run)
      return RunLedger.reopen(session, stored, { options: {}, workers: 1, before, waitMs: 60_000 })
    }
    const second = await reopen({ run, attempt, backend })
    t.equal(second?.attempt, 2)
    await second?.close()
    await t.rejects(
      reopen({ run, attempt, backend }),
      { code: 'RUN_ACTIVE' },
      'its attempt is not the latest',
    )
    t.equal((await reopen(undefined))?.attempt, 3, 'who was never at it takes over')
  },
)

t.test('a run that has become a plan since it was read stays one', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await using database = await Database.open({ databaseUrl: db.url })
  const away = await database.session()
  const { run } = await RunLedger.begin(away, NEW_RUN)
  await away.close()
  await using session = await database.session()
  const stored = await requireStored(session, run)
  await db.run(`UPDATE dasy.runs SET state = 'staged', outcome = 'planned'`)
  const again = { options: {}, workers: 1, before: undefined, waitMs: 60_000 }
  await t.rejects(RunLedger.reopen(session, stored, again), { code: 'RUN_ACTIVE' })
  t.match(await db.rows('SELECT outcome, attempt FROM dasy.runs'), [{ outcome: 'planned', attempt: 1 }])
})
