import t from 'tap'
import { ingest, resume } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

t.test('to ask for a completed run removes what others left behind right after their commit', async (t) => {
  const db = await testDatabase(t)
  const given = { databaseUrl: db.url }
  const source = file(t, 'sku,name\na,Ann\n')
  const { run: first } = await ingest(source, given)
  const { run: second } = await ingest(source, given)
  await db.run(`CREATE TABLE dasy.staging_${second} (position bigint);
    INSERT INTO dasy.ranges (run, source, start_byte, end_byte, first_line, next_line, records, rejected)
    VALUES (${second}, 1, 0, 9, 1, 2, 1, 0)`)
  t.match(await resume(first, given), { run: first, status: 'completed', rows: { inserted: 1 } })
  t.equal(await db.value(`SELECT to_regclass('dasy.staging_${second}')`), null)
  t.equal(await db.value('SELECT count(*) FROM dasy.ranges'), 0)
})
