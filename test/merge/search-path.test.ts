import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

t.test(
  'the table that was locked is written and noted, whatever comes before it in the search path meanwhile',
  async (t) => {
    const db = await testDatabase(t)
    await db.run(`CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE b.t (sku text PRIMARY KEY, name text);
    ALTER DATABASE ${db.name} SET search_path = a, b`)
    const given = { databaseUrl: db.url, table: 't' }
    const other = await db.client()
    await other.query('BEGIN; LOCK TABLE b.t')
    const load = ingest(file(t, 'sku,name\n1,a\n'), given)
    const waits = `SELECT count(*) FROM pg_locks WHERE relation = 'b.t'::regclass AND NOT granted`
    while ((await db.value(waits)) === 0);
    await other.query('CREATE TABLE a.t (sku text PRIMARY KEY, name text); COMMIT')
    const { run } = await load
    t.same(await db.rows('TABLE b.t'), [{ sku: '1', name: 'a' }])
    t.same(await db.rows('TABLE a.t'), [])
    t.equal(
      await db.value(`SELECT relation = 'b.t'::regclass FROM dasy.change_sets WHERE run = ${run}`),
      true,
    )
  },
)
