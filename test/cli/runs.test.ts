import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsBothWays, failsForPrograms } from '../support/cli-failure.js'
import { CliProcess } from '../support/cli-process.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

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
  const running = load('--restart')
  await running.until('it merges', merging(5))

  const runs = (await dasy(['runs', '--json'], options)).expectStatus(0).json<Run[]>()
  const unknown = { aggregates: null, seconds: null }
  t.match(runs, [
    { run: 5, status: 'running', command: 'ingest', source: good, ...unknown },
    { run: 4, status: 'interrupted', command: 'ingest', source: good, ...unknown },
    { run: 3, status: 'rejected', command: 'ingest', source: bad, rows: { read: 1, rejected: 1 } },
    { run: 2, status: 'failed', command: 'update', source: good, rows: { read: 2 }, aggregates: null },
    { run: 1, status: 'completed' },
  ])
  t.same(
    runs.map((run) => Object.keys(run)),
    Array(5).fill(Object.keys(receipt)),
    'each has the fields of a receipt',
  )
  const { seconds: _1, ...kept } = runs.at(-1) as Run
  const { seconds: _2, ...printed } = receipt
  t.same(kept, printed, 'a receipt is kept as it was printed')
  for (const { run, rows } of runs as { run: number; rows: Run | null }[]) {
    if (rows)
      t.same(Object.keys(rows), Object.keys(receipt.rows as Run), `the rows of run ${run} have all fields`)
    if (run > 1) t.equal(rows?.inserted ?? null, null, `what run ${run} would have inserted is not known`)
  }

  const one = (await dasy(['runs', '3', '--json'], options)).expectStatus(0).json()
  t.match([one].flat(), [{ run: 3, status: 'rejected' }])
  const two = (await dasy(['runs', '--limit', '2', '--json'], options)).expectStatus(0).json<Run[]>()
  t.same(
    two.map(({ run }) => run),
    [5, 4],
  )
  const table = (await dasy(['runs'], options)).expectStatus(0).stdout
  t.same(
    table
      .trim()
      .split('\n')
      .map((line) => Number.parseInt(line, 10)),
    [5, 4, 3, 2, 1],
  )
  for (const word of ['running', 'interrupted', 'rejected', 'failed', 'completed', good, bad])
    t.match(table, word)
  for (const run of [2, 3, 4, 5]) {
    const { stdout } = (await dasy(['runs', `${run}`], options)).expectStatus(0)
    t.match(stdout, `run ${run} ${runs[5 - run]?.status}`)
    t.notMatch(stdout, /NaN|undefined|null|\bin 0\.00 s/, 'what is not known is left out')
    if (run === 2) t.match(stdout, 'KEY_EXISTS', 'why it failed')
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
