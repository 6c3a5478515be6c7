import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { assertProductsLoaded } from '../support/oracle.js'

/** The second session of a large merge: what happens when it is lost, or not to be had. */

const RECORDS = 60_000

t.test('a run goes on when its second session is lost', async (t) => {
  const db = await testDatabase(t)
  const path = generatedProducts(t, RECORDS)
  // The first table that it makes waits for the test.
  await db.run(`
    CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('application_name') = 'dasy helper' THEN
        PERFORM pg_advisory_xact_lock(1);
      END IF;
    END $$;
    CREATE EVENT TRIGGER wait ON ddl_command_start EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(1)`)
  const notes: string[] = []
  const load = ingest(path, { databaseUrl: db.url, workers: 2, onEvent: into(notes) })
  const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                      AND application_name = 'dasy helper' AND wait_event = 'advisory'`
  while ((await db.run(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS waiting`)) === 0)
    await sleep(10)
  await db.run('SELECT pg_advisory_unlock(1)')
  t.match(await load, { status: 'completed', rows: { read: RECORDS } })
  t.match(notes.join('\n'), /trying again/)
  await db.run('DROP EVENT TRIGGER wait; DROP FUNCTION wait()')
  await assertProductsLoaded(t, db, path)
  await assertNothingLeft(t, db)
})

t.test('a run does without where there is no connection for it', async (t) => {
  const db = await testDatabase(t)
  const { name, url } = await db.role()
  await db.run(
    `GRANT CREATE ON DATABASE ${db.name} TO ${name}; GRANT CREATE, USAGE ON SCHEMA public TO ${name}`,
  )
  const path = generatedProducts(t, RECORDS)
  // Small ranges, so that the workers are at it yet when nobody else is let in.
  const load = ingest(path, { databaseUrl: url, workers: 2, rangeSize: 20_000, retryFor: 1 })
  while (!(await db.value(`SELECT to_regclass('dasy.staging_1') IS NOT NULL`))) await sleep(5)
  while ((await db.value<number>('SELECT count(*) FROM dasy.staging_1')) === 0) await sleep(5)
  while ((await db.value<number>(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${name}'`)) < 3)
    await sleep(5)
  await db.run(`ALTER ROLE ${name} CONNECTION LIMIT 1`)
  t.match(await load, { status: 'completed', rows: { read: RECORDS } })
  await assertProductsLoaded(t, db, path)
  await db.lastingStrangers()
  await db.run(`REASSIGN OWNED BY ${name} TO CURRENT_USER; DROP OWNED BY ${name}`)
})
