import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { complaints, freePort, Prometheus, withoutPrometheus } from '../observe/prometheus.js'
import { Receiver } from '../service/receiver.js'
import { Served } from '../service/served.js'
import { CliProcess } from '../support/cli-process.js'
import { file } from '../support/files.js'

t.test(
  'a Prometheus that scrapes serve, work and watch sees what the ledger has',
  { skip: withoutPrometheus },
  async (t) => {
    const served = await Served.of(t, '--allow-private-webhooks')
    const { db, cwd, env } = served
    mkdirSync(join(cwd, 'in'))
    const datasets = { files: { files: 'in/*.csv', key: 'sku', table: 'files' } }
    writeFileSync(join(cwd, 'dasy.config.json'), JSON.stringify({ datasets }))
    const [workPort, watchPort] = [await freePort(), await freePort()]
    const work = CliProcess.start(
      t,
      ['work', '--json', '--allow-private-webhooks', '--metrics-port', `${workPort}`],
      { env, cwd },
    )
    const flags = ['--no-work', '--settle', '0.05', '--poll', '0.2', '--metrics-port', `${watchPort}`]
    const watch = CliProcess.start(t, ['watch', '--json', ...flags], { env, cwd })
    const token = await served.tokenOf('read')
    const prometheus = await Prometheus.start(t, [
      { job: 'serve', url: served.url, token },
      { job: 'work', url: `http://127.0.0.1:${workPort}` },
      { job: 'watch', url: `http://127.0.0.1:${watchPort}` },
    ])
    await prometheus.shows(t, 'up', 1, 3)
    await prometheus.shows(t, 'dasy_database_up', 1, 3)

    // Loads, rejects, failures, a plan, an undo, single rows, a webhook, a watched file.
    const receiver = await Receiver.start(t)
    const json = { url: receiver.url, events: ['run.completed', 'run.failed'] }
    receiver.secrets.push(
      (await served.json<{ secret: string }>('POST', '/v1/webhooks', { json, status: 201 })).secret,
    )
    const good = file(t, 'sku,name\n1,a\n2,b\n2,c\n')
    const bad = file(t, 'sku,name\n1,x\n"3"y,d\n', 'bad.csv')
    await served.dasy('ingest', good)
    ;(await served.dasy('ingest', bad)).expectStatus(3)
    ;(await served.dasy('ingest', bad, '--max-rejects', '1')).expectStatus(0)
    ;(await served.dasy('ingest', good, '--duplicates', 'error')).expectStatus(1)
    ;(await served.dasy('plan', good)).expectStatus(0)
    await served.json('POST', '/v1/runs?wait=true&table=sent&key=sku', {
      body: 'sku,name\n7,g\n8,h\n',
      headers: { 'content-type': 'text/csv' },
    })
    await served.json('PATCH', '/v1/tables/products/rows/1', { json: { name: 'changed' } })
    ;(await served.dasy('undo', '1')).expectStatus(3)
    writeFileSync(join(cwd, 'in', 'a.csv'), 'sku,name\n1,a\n2,b\n')
    await watch.until('the file is loaded', () => watch.stdout.includes('"file.loaded"'))
    await receiver.until('the ends of runs are told', () => receiver.taken.length >= 4)
    await served.fails('GET', '/v1/runs/9999', 404, 'RUN_NOT_FOUND')

    const runs = await db.rows<{ table: string; command: string; status: string; count: number }>(
      'SELECT target AS table, command, outcome AS status, count(*) AS count FROM dasy.runs GROUP BY 1, 2, 3',
    )
    t.ok(runs.length >= 7, 'there is enough to see', { runs })
    for (const { table, command, status, count } of runs)
      await prometheus.shows(
        t,
        `dasy_runs_total{table="${table}",command="${command}",status="${status}"}`,
        count,
        3,
      )
    for (const table of ['products', 'sent', 'files']) {
      for (const outcome of ['inserted', 'updated', 'unchanged', 'duplicates', 'skipped', 'deleted']) {
        const text = `SELECT coalesce(sum((rows ->> $2)::bigint), 0)::bigint FROM dasy.runs WHERE target = $1 AND outcome = 'completed'`
        const count = await db.value<number>(text, [table, outcome])
        await prometheus.shows(t, `dasy_rows_total{table="${table}",outcome="${outcome}"}`, count, 3)
      }
      const ofSources = `FROM dasy.runs WHERE target = $1 AND command IN ('ingest', 'plan')`
      const read = await db.value<number>(`SELECT sum((rows ->> 'read')::bigint)::bigint ${ofSources}`, [
        table,
      ])
      await prometheus.shows(t, `dasy_records_read_total{table="${table}"}`, read, 3)
      const rejected = await db.value<number>(
        `SELECT sum((rows ->> 'rejected')::bigint)::bigint ${ofSources}`,
        [table],
      )
      await prometheus.shows(t, `dasy_rows_total{table="${table}",outcome="rejected"}`, rejected, 3)
      const ended = `SELECT extract(epoch FROM max(ended_at))::float8 FROM dasy.sums WHERE target = $1 AND status = 'completed' AND command = 'ingest'`
      await prometheus.shows(
        t,
        `dasy_last_success_timestamp_seconds{table="${table}"}`,
        await db.value(ended, [table]),
        3,
      )
    }
    await prometheus.shows(t, 'dasy_rows_total{table="products",outcome="rejected"}', 2, 3)
    const bytes = await db.value<number>(
      `SELECT sum(bytes)::bigint FROM dasy.sources JOIN dasy.runs USING (run) WHERE outcome = 'completed'`,
    )
    await prometheus.shows(t, 'dasy_source_bytes_total', bytes, 3)
    await prometheus.shows(
      t,
      'dasy_table_rows{table="products"}',
      await db.value('SELECT count(*) FROM products'),
      3,
    )
    await prometheus.shows(t, 'dasy_jobs{state="done"}', 2, 3)
    await prometheus.shows(t, 'dasy_jobs{state="waiting"}', 0, 3)
    const delivered = await db.value<number>('SELECT count(*) FROM dasy.deliveries WHERE error IS NULL')
    await prometheus.shows(t, 'dasy_webhook_deliveries_total{outcome="delivered"}', delivered, 3)
    await prometheus.shows(t, 'dasy_watch_files{state="loaded"}', 1, 3)
    await prometheus.shows(t, 'dasy_watch_oldest_file_seconds', 0, 3)
    // What is of one process alone.
    t.equal(
      (await prometheus.query('sum(dasy_run_duration_seconds_count{phase="total"})'))[0]?.value,
      2,
      'two loads of the queue',
    )
    t.equal((await prometheus.query('sum(dasy_job_wait_duration_seconds_count)'))[0]?.value, 2)
    await prometheus.shows(t, 'dasy_http_request_duration_seconds_count{route="/v1/runs",status="200"}', 1, 1)
    await prometheus.shows(
      t,
      'dasy_http_request_duration_seconds_count{route="/v1/runs/:run",status="404"}',
      1,
      1,
    )
    t.equal((await prometheus.query('process_cpu_seconds_total')).length, 3)

    await served.fails('GET', '/metrics', 401, 'UNAUTHORIZED', { token: null })
    const response = await served.fetch('GET', '/metrics', { token })
    t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    t.equal(complaints(await response.text()), '', 'promtool finds nothing wrong')
    t.equal((await fetch(`http://127.0.0.1:${workPort}/`)).status, 404, 'nothing but /metrics')
    for (const process of [work, watch]) {
      process.send('SIGTERM')
      t.match(await process.ended, { status: 0 })
    }
  },
)

t.test('a port that is taken', async (t) => {
  const served = await Served.of(t)
  const { port } = new URL(served.url)
  const failed = await served.dasy('work', '--once', '--metrics-port', port, '--json')
  t.match(failed.expectStatus(1).json(), { error: { code: 'PORT_IN_USE', hint: /--metrics-port 0/ } })
})
