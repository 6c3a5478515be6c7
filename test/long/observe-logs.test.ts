import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Served } from '../service/served.js'
import { dasy } from '../support/cli.js'
import { CliProcess } from '../support/cli-process.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

type Line = Readonly<Record<string, unknown>>

/** The lines of a log; each must be JSON. */
function linesOf(stderr: string): Line[] {
  return stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const SECRET = 'hunter2-the-secret'

t.test('serve and work log each phase of a run, with the request that asked for it', async (t) => {
  const served = await Served.of(t, '--no-work', '--log-level', 'debug')
  const headers = { 'content-type': 'text/csv', 'x-request-id': 'order-66' }
  const body = `sku,name\n1,${SECRET}\n2,b\n`
  const { run } = await served.json<{ run: number }>('POST', '/v1/runs', { body, headers, status: 202 })
  const bad = {
    body: `sku,name\n1,a\n"x"${SECRET},b\n`,
    headers: { ...headers, 'x-request-id': 'bad id\u00e9' },
  }
  const other = await served.json<{ run: number }>('POST', '/v1/runs?table=other', { ...bad, status: 202 })
  const worked = await served.dasy('work', '--once')
  const lines = linesOf(worked.expectStatus(3).stderr)
  const ofRun = lines.filter((line) => line.run === run)
  t.ok(
    ofRun.every((line) => line.request === 'order-66' && line.table === 'products'),
    'request and table',
    { ofRun },
  )
  const phases = ofRun.filter(({ msg }) => msg === 'phase done')
  t.same(
    phases.map(({ phase }) => phase),
    ['plan', 'copy', 'merge', 'aggregate'],
    'a line for each',
  )
  t.ok(phases.every(({ seconds, source }) => typeof seconds === 'number' && source !== undefined))
  t.match(ofRun.at(-1), { level: 'info', msg: 'run completed', rows: { inserted: 2 }, time: /^\d{4}-.*Z$/ })
  const failed = lines.filter((line) => line.run === other.run && line.level === 'error')
  t.match(failed, [{ code: 'TOO_MANY_REJECTS', table: 'other' }, { msg: 'run rejected' }])
  t.match(failed[0]?.request, /^[0-9a-f-]{36}$/, 'an id that is none is replaced')
  await served.json('PATCH', `/v1/tables/products/rows/1`, {
    json: { name: 'z' },
    headers: { 'x-request-id': 'row-1' },
  })
  await served.fetch('GET', `/v1/tables/products/rows/${SECRET}`)
  const { stderr = '' } = (await served.stop()) ?? {}
  const requests = linesOf(stderr).filter(({ msg }) => msg === 'request')
  t.match(
    requests.find(({ request }) => request === 'order-66'),
    { method: 'POST', route: '/v1/runs', status: 202 },
  )
  t.match(
    requests.find(({ request }) => request === 'row-1'),
    { route: '/v1/tables/:table/rows/:key', status: 200 },
  )
  for (const text of [worked.stderr, stderr]) {
    t.notMatch(text, SECRET, 'no text of a record')
    t.notMatch(text, served.token, 'no token')
  }
})

t.test('work and watch log by themselves, as the flags say', async (t) => {
  const db = await testDatabase(t)
  const cwd = folder(t)
  const env = { DATABASE_URL: db.url.replace('://', '://').replace(/\/\/([^:@/]+)@/, `//$1:${SECRET}@`) }
  writeFileSync(
    join(cwd, 'dasy.config.json'),
    JSON.stringify({ datasets: { a: { files: 'in-*.csv', key: 'sku', table: 'a' } } }),
  )
  writeFileSync(join(cwd, 'in-1.csv'), 'sku,name\n1,a\n')
  writeFileSync(join(cwd, 'in-2.csv'), `name\n${SECRET}\n`)
  const watched = await dasy(['watch', '--once', '--settle', '0.05'], { env, cwd })
  const lines = linesOf(watched.expectStatus(1).stderr)
  t.match(
    lines.map(({ msg }) => msg),
    ['watch started'],
    'it begins',
  )
  t.match(
    lines.filter(({ msg }) => msg === 'file loaded'),
    [{ file: /in-1.csv/, run: Number }],
  )
  t.match(
    lines.filter(({ msg }) => msg === 'file failed'),
    [{ level: 'error', code: /^[A-Z_]+$/ }],
  )
  t.notMatch(watched.stderr, SECRET)
  const quiet = await dasy(['work', '--once', '--quiet'], { env, cwd })
  t.equal(quiet.expectStatus(0).stderr, '', '--quiet logs errors alone')
  const silent = await dasy(['work', '--once', '--log-level', 'silent'], { env, cwd })
  t.equal(silent.expectStatus(0).stderr, '')
  const pretty = await dasy(['work', '--once', '--log-format', 'pretty'], { env, cwd })
  t.match(pretty.expectStatus(0).stderr, /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO: work started /)
  const wrong = await dasy(['work', '--log-level', 'loud', '--json'], { env, cwd })
  t.match(wrong.expectStatus(2).json(), { error: { code: 'BAD_OPTION', message: /--log-level/ } })
})

t.test('other commands log if they are asked to', async (t) => {
  const db = await testDatabase(t)
  const how = { env: { DATABASE_URL: db.url } }
  const source = file(t, `sku,name\n1,${SECRET}\n`)
  const plain = await dasy(['ingest', source, '--json'], how)
  t.notMatch(plain.expectStatus(0).stderr, /run begun/, 'not by itself')
  const logged = await dasy(['ingest', source, '--log-format', 'json', '--verbose', '--quiet'], how)
  t.equal(logged.expectStatus(0).stderr, '', '--quiet wins')
  const verbose = await dasy(['ingest', source, '--log-format', 'json', '--verbose', '--json'], how)
  verbose.expectStatus(0).json()
  const lines = linesOf(verbose.stderr.replace(/^dasy: .*\n/gm, ''))
  const statements = lines.filter(({ msg }) => msg === 'statement')
  t.ok(
    statements.length > 5 &&
      statements.every((each) => each.level === 'debug' && typeof each.milliseconds === 'number'),
  )
  t.match(
    lines.filter(({ msg }) => msg === 'run completed'),
    [{ command: 'ingest', status: 'completed' }],
  )
  t.notMatch(verbose.stderr, SECRET)
  const down = [
    '--database-url',
    `postgresql://me:${SECRET}@127.0.0.1:1/x`,
    '--retry-for',
    '0',
    '--log-level',
    'info',
  ]
  const unreachable = await dasy(['ingest', source, ...down], how)
  t.match(unreachable.expectStatus(4).stderr, /ERROR: run not completed .*"CONNECTION_FAILED"/)
  t.notMatch(unreachable.stderr, SECRET)
})

t.test('on a terminal, what people read is not said twice', async (t) => {
  const db = await testDatabase(t)
  const work = CliProcess.start(t, ['work', '--once'], { env: { DATABASE_URL: db.url }, columns: 100 })
  const { stdout } = await work.ended
  t.match(stdout, /waiting for loads/)
  t.notMatch(stdout, /INFO/)
})
