import t from 'tap'
import { CliProcess } from '../support/cli-process.js'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { complaints, freePort, withoutPrometheus } from './prometheus.js'

t.test('labels stay bounded with 10,000 runs, tables and bad names', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url })
  // As runs end: by the triggers of the ledger.
  await db.run(`
    INSERT INTO dasy.runs (command, target, key, options, workers)
    SELECT 'ingest', CASE WHEN n % 1000 = 0 THEN E'bad "name"\\n\\\\' || n ELSE 't' || n END, '{sku}', '{}', 1
      FROM generate_series(1, 10000) AS n;
    UPDATE dasy.runs
       SET state = 'ended', outcome = 'completed', rows = '{"read": 3, "inserted": 2, "rejected": 1}'
     WHERE state <> 'ended'`)
  const port = await freePort()
  const env = { DATABASE_URL: db.url }
  const work = CliProcess.start(t, ['work', '--json', '--metrics-port', `${port}`], { env })
  await work.until('it works', () => work.stdout.includes('work.started'))
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const series = text.split('\n').filter((line) => line.startsWith('dasy_runs_total'))
  t.equal(series.length, 101, '100 tables and the others')
  const values = series.map((line) => Number(line.slice(line.lastIndexOf(' '))))
  t.equal(
    values.reduce((sum, value) => sum + value, 0),
    10_001,
    'all runs are counted',
  )
  t.match(series.join('\n'), 'table="other"} 9901')
  t.ok(text.split('\n').length < 2500, 'and so are the rest', { lines: text.split('\n').length })
  if (!withoutPrometheus) t.equal(complaints(text), '', 'names are escaped as they must be')
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url })
  const later = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.match(
    later,
    'dasy_runs_total{command="ingest",status="completed",table="products"} 2',
    'the last one is named',
  )
  work.send('SIGTERM')
  t.match(await work.ended, { status: 0 })
})
