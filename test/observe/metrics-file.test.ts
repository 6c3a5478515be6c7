import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'
import { complaints, withoutPrometheus } from './prometheus.js'

function sampleOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

t.test('--metrics-file is written after each load, whole, also if it failed', async (t) => {
  const db = await testDatabase(t)
  const where = folder(t)
  const path = join(where, 'dasy.prom')
  const how = { env: { DATABASE_URL: db.url }, cwd: where }
  const bad = file(t, 'sku,name\n1,a\n"2"x,b\n')
  const failed = await dasy(['ingest', bad, '--metrics-file', path], how)
  failed.expectStatus(3)
  const first = readFileSync(path, 'utf8')
  t.equal(sampleOf(first, 'dasy_runs_total{command="ingest",status="rejected",table="products"}'), 1)
  t.equal(sampleOf(first, 'dasy_run_duration_seconds_count{phase="total"}'), undefined)
  const loaded = await dasy(['resume', '1', '--max-rejects', '1', '--metrics-file', path, '--json'], how)
  loaded.expectStatus(0).json()
  const text = readFileSync(path, 'utf8')
  t.equal(sampleOf(text, 'dasy_runs_total{command="ingest",status="completed",table="products"}'), 1)
  t.equal(sampleOf(text, 'dasy_rows_total{table="products",outcome="rejected"}'), 1)
  t.equal(sampleOf(text, 'dasy_records_read_total{table="products"}'), 2)
  t.equal(sampleOf(text, 'dasy_table_rows{table="products"}'), 1)
  t.equal(sampleOf(text, 'dasy_run_duration_seconds_count{phase="total"}'), 1)
  t.notMatch(text, /^process_/m, 'node_exporter has metrics of its own process')
  t.same(readdirSync(where), ['dasy.prom'], 'nothing else is left')
  if (!withoutPrometheus) t.equal(complaints(text), '', 'promtool finds nothing wrong')
  for (const args of [
    ['undo', '1'],
    ['purge', 'products', '--yes'],
    ['plan', file(t, 'sku,name\n1,a\n')],
  ]) {
    ;(await dasy([...args, '--metrics-file', path, '--quiet'], how)).expectStatus(0)
    t.equal(
      sampleOf(
        readFileSync(path, 'utf8'),
        `dasy_runs_total{command="${args[0]}",status="${args[0] === 'plan' ? 'planned' : 'completed'}",table="products"}`,
      ),
      1,
    )
  }
})

t.test('a file that cannot be written', async (t) => {
  const db = await testDatabase(t)
  const where = folder(t)
  const how = { env: { DATABASE_URL: db.url }, cwd: where }
  const source = file(t, 'sku,name\n1,a\n')
  const nowhere = await dasy(['ingest', source, '--metrics-file', 'no/x.prom', '--json'], how)
  t.match(nowhere.expectStatus(2).json(), { error: { code: 'BAD_OPTION', message: /--metrics-file/ } })
  const isFolder = await dasy(['ingest', source, '--metrics-file', where], how)
  t.match(
    isFolder.expectStatus(0).stderr,
    /^dasy: the metrics were not written into /m,
    'the load is complete',
  )
  const unreachable = ['--database-url', 'postgresql://me@127.0.0.1:1/x', '--retry-for', '0']
  ;(await dasy(['ingest', source, '--metrics-file', 'x.prom', ...unreachable], how)).expectStatus(4)
  t.notOk(existsSync(join(where, 'x.prom')), 'what nobody knows is not written')
})
