import t from 'tap'
import { CliProcess } from '../support/cli-process.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

t.test('a load that does not get its lock of the schema makes nothing in it', async (t) => {
  const db = await testDatabase(t)
  const other = await db.client()
  // As "dasy migrate down" has it.
  await other.query('BEGIN; SELECT pg_advisory_xact_lock(1684108153, 1)')
  const load = CliProcess.start(t, ['ingest', file(t, 'sku,name\n1,a\n'), '--retry-for', '0', '--json'], {
    env: { DATABASE_URL: db.url },
    cwd: folder(t),
  })
  const waits = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  await load.until('it waits', async () => (await db.rows(waits)).length > 0)
  await db.run(`SELECT pg_cancel_backend(pid) FROM (${waits}) AS waiting`)
  const { status, stdout } = await load.ended
  t.not(status, 0)
  t.match(JSON.parse(stdout), { error: { code: 'CANCELLED' } })
  t.equal(await db.value("SELECT to_regnamespace('dasy')"), null)
  await other.query('ROLLBACK')
})
