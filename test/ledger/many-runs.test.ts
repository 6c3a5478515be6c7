import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { findStored, listUnfinished } from '../../lib/ledger/stored-run.js'
import { migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'

/** What each load asks the ledger does not take longer with each run that ever was. */

const RUNS = 20_000

t.test('unfinished runs are found among many by an index', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`
    INSERT INTO dasy.runs (command, target, key, options, workers, state, outcome)
    SELECT 'ingest', 'products', '{sku}', '{}', 1, CASE n WHEN 7 THEN 'staging' ELSE 'ended' END,
           CASE n WHEN 7 THEN NULL ELSE 'completed' END
      FROM generate_series(1, ${RUNS}) AS n;
    CREATE TABLE dasy.staging_11 (position bigint);
    ANALYZE dasy.runs`)
  await using session = await (await Database.open({ databaseUrl: db.url })).session()
  const numbers = async () => (await listUnfinished(session)).map(({ run }) => run)
  const scans = () =>
    session.rows<{ scans: number }>(
      `SELECT pg_stat_force_next_flush(), seq_scan AS scans FROM pg_stat_user_tables WHERE relid = 'dasy.runs'::regclass`,
    )
  await scans()
  const before = await scans()
  for (const _ of [1, 2]) t.same(await numbers(), [11, 7], 'one that stopped, and one that has left staging')
  t.match(await findStored(session, 19_999), { run: 19_999, state: 'ended', staging_bytes: null })
  t.equal(await findStored(session, RUNS + 1), undefined)
  await scans()
  t.same(await scans(), before, 'the ledger is not read as a whole')
})
