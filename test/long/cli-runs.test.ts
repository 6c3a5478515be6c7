import { readdirSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsBothWays, failsForPrograms } from '../support/cli-failure.js'
import { CliProcess, hasTerminal } from '../support/cli-process.js'
import { screenOf } from '../support/cli-screen.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

type Run = Record<string, unknown>

t.test('a database in which nothing ran has no runs, and none is made up', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  t.same((await dasy(['runs', '--json'], options)).expectStatus(0).json(), [])
  t.match((await dasy(['runs'], options)).expectStatus(0).stdout, /no runs/)
  await failsForPrograms(t, ['runs', '1'], { status: 1, code: 'RUN_NOT_FOUND', says: ['1'] }, options)
  t.equal(await db.value("SELECT to_regnamespace('dasy')"), null, 'to look is not to make')
})

t.test('runs are told newest first, however they ended, and what is not known is null', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const good = file(t, 'sku,name\na,Ann\nb,Bob\n', 'good.csv')
  const receipt = (await dasy(['ingest', good, '--json'], options)).expectStatus(0).json()
  const conflict = ['update', good, '--on-conflict', 'error']
  const failed = await failsForPrograms(t, conflict, { status: 1, code: 'KEY_EXISTS', says: [] }, options)
  const bad = file(t, 'sku,name\na\n', 'bad.csv')
  const rejects = { status: 3, code: 'TOO_MANY_REJECTS', says: [] }
  const rejected = await failsForPrograms(t, ['ingest', bad], rejects, options)
  t.same([failed.run, rejected.run], [2, 3], 'errors tell their run')

  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const load = (...flags: string[]) =>
    CliProcess.start(t, ['ingest', good, '--database-url', db.url, ...flags])
  const killed = load()
  const waiting = (run: number) => db.value(`SELECT state = 'merging' FROM dasy.runs WHERE run = ${run}`)
  const merging = (run: number) => async () => (await waiting(run).catch(() => false)) === true
  await killed.until('it merges', merging(4))
  await killed.kill()
  const lock = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dasy%' AND datname = current_database()`
  while ((await db.value<number>(lock)) > 0) {
    await db.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name LIKE 'dasy%' AND datname = current_database()`)
  }
  const stopped = (await dasy(['runs', '4', '--json'], options)).expectStatus(0).json<Run>()
  t.match(stopped, { status: 'interrupted', seconds: null, rows: { read: 2, rejected: 0, inserted: null } })
  t.match(stopped.error, { code: 'INTERRUPTED', message: /process/, hint: /dasy resume 4/ })
  t.match((await dasy(['runs'], options)).stdout, /^ +4 .* interrupted, resumable /m)
  const running = load('--restart')
  await running.until('it merges', merging(5))

  const runs = (await dasy(['runs', '--json'], options)).expectStatus(0).json<Run[]>()
  const unknown = { aggregates: null, seconds: null }
  const same = { command: 'ingest', table: 'products', key: ['sku'], workers: 1 }
  t.match(runs, [
    { run: 5, status: 'running', ...same, source: good, ...unknown, rows: { read: 2, rejected: 0 } },
    { run: 4, status: 'interrupted', ...same, source: good, ...unknown, rows: null },
    { run: 3, status: 'rejected', ...same, source: bad, rows: { read: 1, rejected: 1 } },
    { run: 2, status: 'failed', command: 'update', source: good, rows: { read: 2 }, aggregates: null },
    { run: 1, status: 'completed' },
  ])
  const fields = Object.keys(receipt)
  for (const run of runs)
    t.same(
      Object.keys(run),
      run.status === 'completed' ? fields : [...fields, 'error'],
      'each has the fields of a receipt, and its error if it is not complete',
    )
  t.equal(runs[0]?.error, null, 'nothing is wrong with one that is at work')
  t.match(runs[1]?.error, { code: 'INTERRUPTED', hint: null }, 'nor can a discarded one be resumed')
  for (const [index, told] of [
    [2, rejected],
    [3, failed],
  ] as const) {
    const { code, message, hint } = told
    t.same(runs[index]?.error, { code, message, hint }, 'the error as it was printed')
  }
  const { seconds: _1, ...kept } = runs.at(-1) as Run
  const { seconds: _2, ...printed } = receipt
  t.same(kept, printed, 'a receipt is kept as it was printed')
  for (const { run, rows } of runs as { run: number; rows: Run | null }[]) {
    if (rows)
      t.same(Object.keys(rows), Object.keys(receipt.rows as Run), `the rows of run ${run} have all fields`)
    if (run > 1) t.equal(rows?.inserted ?? null, null, `what run ${run} would have inserted is not known`)
  }

  const one = (await dasy(['runs', '3', '--json'], options)).expectStatus(0).json()
  t.same(one, runs[2], 'one run is one object')
  const two = (await dasy(['runs', '--limit', '2', '--json'], options)).expectStatus(0).json<Run[]>()
  t.same(
    two.map(({ run }) => run),
    [5, 4],
  )
  const table = (await dasy(['runs'], options)).expectStatus(0).stdout
  const [head, ...lines] = table.trim().split('\n')
  t.match(head, /^run +started +status +command +table +read +rejected +seconds +source$/)
  t.same(
    lines.map((line) => Number.parseInt(line, 10)),
    [5, 4, 3, 2, 1],
  )
  for (const [run, resumable] of [
    [5, false],
    [4, false], // discarded
    [3, true],
    [2, false], // KEY_EXISTS would come again
    [1, false],
  ] as const)
    t.equal(/, resumable /.test(lines[5 - run] as string), resumable, `whether run ${run} can be resumed`)
  for (const word of ['running', 'interrupted', 'rejected', 'failed', 'completed', good, bad])
    t.match(table, word)
  for (const run of [2, 3, 4, 5]) {
    const { stdout } = (await dasy(['runs', `${run}`], options)).expectStatus(0)
    t.match(stdout, `run ${run} ${runs[5 - run]?.status}`)
    t.notMatch(stdout, /NaN|undefined|null|\bin 0\.00 s/, 'what is not known is left out')
    if (run === 2) t.match(stdout, 'KEY_EXISTS', 'why it failed')
    if (run === 3) t.match(stdout, 'dasy resume 3 --max-rejects 1', 'a command that works')
  }
  await failsBothWays(
    t,
    ['runs', '99'],
    { status: 1, code: 'RUN_NOT_FOUND', says: ['99', 'dasy runs'] },
    options,
  )
  await holder.query('COMMIT')
  t.equal((await running.ended).status, 0)
})

t.test('the command that a run over its limit prints works', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const bad = file(t, 'sku,name\na\nb,Bob\nc\n')
  const { stderr } = (await dasy(['ingest', bad], options)).expectStatus(3)
  const { stdout } = (await dasy(['runs', '1'], options)).expectStatus(0)
  const commands = [stderr, stdout].map((text) => /dasy (resume [^,\n]+)/.exec(text)?.[1])
  t.same(commands, ['resume 1 --max-rejects 2', 'resume 1 --max-rejects 2'])
  await dasy((commands[0] as string).split(' '), options).then((result) => result.expectStatus(0))
})

t.test('runs as CSV, Markdown and JSON', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const source = file(t, 'sku,name\na,Ann\n', 'a "|" b.csv')
  await dasy(['ingest', source, '--table', 'Täble'], options).then((result) => result.expectStatus(0))
  const printed = async (...args: string[]) => (await dasy(['runs', ...args], options)).expectStatus(0).stdout
  const [header, record, ...none] = parse(await printed('--format', 'csv')) as string[][]
  t.same(none, [])
  t.match(Object.fromEntries((header ?? []).map((name, index) => [name, record?.[index]])), {
    ...{ run: '1', status: 'completed', resumable: 'false', command: 'ingest', table: 'Täble', key: 'sku' },
    ...{ source, read: '1', rejected: '0', inserted: '1', started: /^\d{4}-\d\d-\d\dT.*Z$/, error: '' },
  })
  t.match(await printed('--format', 'md'), /^\| run \|.*\n\| ---: \|.*\n\| 1 \| .*a "\\\|" b\.csv \|\n$/)
  t.equal(await printed('--format', 'json'), await printed('--json'))
  await failsBothWays(
    t,
    ['runs', '--format', 'xml'],
    { status: 2, code: 'BAD_OPTION', says: ['xml', 'csv'] },
    options,
  )
  t.match((await dasy(['runs', '--format', 'md', '--json'], options)).expectStatus(2).stdout, 'USAGE')
})

t.test('the table has the time of the clock on the wall', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  await dasy(['ingest', file(t, 'sku\na\n')], { env }).then((result) => result.expectStatus(0))
  await db.run("UPDATE dasy.runs SET started_at = '2026-01-31 23:30:00Z'")
  t.match((await dasy(['runs'], { env: { ...env, TZ: 'Asia/Tokyo' } })).stdout, '2026-02-01 08:30:00')
})

t.test('it fits the terminal, however wide its characters are', { skip: !hasTerminal() }, async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'sku,name\na,Ann\n', `${'商品目録'.repeat(10)}.csv`)
  const table = '商品'.repeat(6)
  await dasy(['ingest', source, '--table', table, '--database-url', db.url]).then((r) => r.expectStatus(0))
  await dasy(['ingest', file(t, 'sku,name\na\n'), '--database-url', db.url]).then((r) => r.expectStatus(3))
  for (const columns of [40, 80, 200]) {
    const shown = CliProcess.start(t, ['runs', '--database-url', db.url, '--no-color'], { columns })
    const { status, stdout } = await shown.ended
    t.equal(status, 0)
    const { lines } = await screenOf(columns, stdout)
    t.equal(lines.length, 3, `in ${columns} columns each run has one line`, { lines })
    t.match(lines[0], /^run .*status .*source$/)
    t.match(lines[1], /^ +2 .*rejected, resumable /)
    t.match(lines[2], /^ +1 .*completed /)
  }
})

t.test('--watch goes on until the run has ended, or until somebody stops it', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  await db.run('CREATE TABLE products (sku text PRIMARY KEY)')
  const holder = await db.client()
  await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const load = CliProcess.start(t, ['ingest', file(t, 'sku\na\n')], options)
  const isMerging = () => db.value("SELECT state = 'merging' FROM dasy.runs").catch(() => false)
  await load.until('it merges', async () => (await isMerging()) === true)
  const one = CliProcess.start(t, ['runs', '1', '--watch'], options)
  const all = CliProcess.start(t, ['runs', '--watch', '--json'], options)
  await one.until('it is shown', () => one.stdout.includes('run 1 running'))
  await all.until('it is shown', () => all.stdout.includes('"status":"running"'))
  await holder.query('COMMIT')
  t.equal((await load.ended).status, 0)
  const { status, stdout } = await one.ended
  t.equal(status, 0)
  t.match(stdout, /run 1 running.*run 1 completed/s)
  await all.until('it is shown', () => all.stdout.includes('"status":"completed"'))
  t.equal((await all.interrupt()).status, 0)
  for (const line of all.stdout.trim().split('\n')) t.match(JSON.parse(line), [{ run: 1 }], 'an array a line')
})

t.test('runs clean discards one run or all, and says before which', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const stopped = async (name: string) =>
    (await dasy(['ingest', file(t, 'sku,name\na\n', name)], options)).expectStatus(3)
  for (const name of ['a.csv', 'b.csv', 'c.csv']) await stopped(name)
  const clean = async (...args: string[]) =>
    (await dasy(['runs', 'clean', ...args, '--json'], options)).expectStatus(0).json<{ runs: number[] }>()
      .runs
  t.same(await clean('--dry-run'), [3, 2, 1])
  t.same(await clean('2', '--dry-run'), [2])
  t.match(
    (await dasy(['runs', 'clean', '--dry-run'], options)).stdout,
    /^would discard runs 3, 2, 1: .* of staging would be removed\n$/,
  )
  t.same(await clean('2'), [2])
  t.same(await clean('2'), [], 'once is enough')
  t.same(await clean('--older-than', '1h'), [])
  t.same(await clean(), [3, 1])
  await failsBothWays(t, ['runs', 'clean', '9'], { status: 1, code: 'RUN_NOT_FOUND', says: ['9'] }, options)
  await failsBothWays(
    t,
    ['runs', '1', '--older-than', '1h'],
    { status: 2, code: 'USAGE', says: ['runs clean'] },
    options,
  )
})

t.test('stopped runs are told of once a day', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const load = async (content: string, status: number) =>
    (await dasy(['ingest', file(t, content)], options)).expectStatus(status).stderr
  const bad = () => load('sku,name\na\n', 3)
  t.notMatch(await bad(), /stopped runs/)
  t.match(await load('sku\na\n', 0), /stopped runs \(1\) keep 1 MB/, 'the next run tells of it')
  t.notMatch(await load('sku\nb\n', 0), /stopped runs/, 'and no other')
  await db.run(
    "UPDATE dasy.runs SET started_at = started_at - interval '1 day', touched_at = touched_at - interval '1 day'",
  )
  t.match(await load('sku\nc\n', 0), /stopped runs/, 'until the next day')
  await bad()
  t.match(await load('sku\nd\n', 0), /stopped runs \(5, 1\)/, 'or until another one stops')
})

t.test('what only reads makes no server', async (t) => {
  const cwd = folder(t)
  const answers: [string[], number][] = [
    [['runs'], 0],
    [['runs', '1'], 1],
    [['runs', 'clean'], 0],
    [['runs', 'clean', '1'], 1],
    [['rejects', '1'], 1],
    [['resume', '1'], 1],
    [['migrate', 'status'], 0],
    [['migrate', 'down', '--yes'], 0],
  ]
  for (const [args, status] of answers) t.equal((await dasy(args, { cwd })).status, status, args.join(' '))
  t.same(readdirSync(cwd), [])
})
