import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** The locks of the transaction that publishes, asked for by somebody else while it holds them. */

// products has an aggregate, and to switch its triggers off takes a lock as well; stock has none.
for (const table of ['products', 'stock']) {
  for (const rows of ['no rows of its own', 'rows']) {
    t.test(`while a run publishes, others can read ${table} and not write it (${rows})`, async (t) => {
      const db = await testDatabase(t)
      await db.run(`CREATE TABLE ${table} (sku text PRIMARY KEY, name text)`)
      if (rows === 'rows') await db.run(`INSERT INTO ${table} VALUES ('0', 'zero')`)
      // The run's own SQL, behind the merge and in its transaction, waits for the test.
      const holder = await db.client()
      await holder.query('SELECT pg_advisory_lock(1)')
      const after = file(t, 'SELECT pg_advisory_xact_lock(1)', 'after.sql')
      const call = ingest(file(t, 'sku,name\n1,one\n'), { databaseUrl: db.url, table, after })
      await somebodyWaits(db, call)
      const given: Record<string, boolean> = {}
      for (const mode of ['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE'])
        given[mode] = await isGiven(db, table, mode)
      await holder.query('SELECT pg_advisory_unlock(1)')
      t.match(await call, { rows: { inserted: 1 } })
      t.same(given, { 'ACCESS SHARE': true, 'ROW SHARE': false, 'ROW EXCLUSIVE': false, SHARE: false })
    })
  }
}

async function isGiven(db: TestDatabase, table: string, mode: string): Promise<boolean> {
  try {
    await db.run(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE NOWAIT`)
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error
    return false
  } finally {
    await db.run('ROLLBACK')
  }
}

async function somebodyWaits(db: TestDatabase, call: Promise<unknown>): Promise<void> {
  const ended = call.then(() => true)
  const waiting = `
    SELECT EXISTS (SELECT FROM pg_locks
                    WHERE locktype = 'advisory' AND objid = 1 AND classid = 0 AND objsubid = 1 AND NOT granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
  while (!(await db.value<boolean>(waiting))) {
    if (await Promise.race([ended, sleep(10, false)])) throw new Error('the run ended without waiting')
  }
}
