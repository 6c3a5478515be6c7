import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { failsForPrograms } from '../support/cli-failure.js'
import { file, folder } from '../support/files.js'
import { Queue } from './queue.js'

t.test('a load waits in the queue until a worker takes it', async (t) => {
  const queue = await Queue.of(t)
  const source = file(t, 'sku,name\na,Ann\nb,Bob\n', 'a.csv')
  t.equal(await queue.enqueue([source]), 1)
  t.match(await queue.run(1), {
    run: 1,
    command: 'ingest',
    status: 'queued',
    source,
    table: 'products',
    rows: null,
    aggregates: null,
    seconds: null,
    error: null,
  })
  t.match(await queue.job(1), { run: 1, state: 'waiting', waitsFor: 'host a', attempts: 0, worker: null })
  const events = await queue.workOnce()
  t.same(
    events.map(({ type }) => type),
    ['work.started', 'run.started', 'run.completed', 'work.stopped'],
  )
  const receipt = { run: 1, status: 'completed', rows: { read: 2, inserted: 2 }, seconds: { start: 0 } }
  t.match(events[2]?.data, receipt)
  t.match(await queue.run(1), receipt)
  t.match(await queue.job(1), { state: 'done', waitsFor: null, worker: { host: 'a' } })
  await queue.leavesNothing()
})

t.test('enqueue checks what can be checked at once, and then nothing is enqueued', async (t) => {
  const queue = await Queue.of(t)
  const options = { env: { DATABASE_URL: queue.db.url } }
  const fails = (args: string[], status: number, code: string, ...says: string[]) =>
    failsForPrograms(t, ['enqueue', ...args], { status, code, says }, options)
  await fails(['-'], 2, 'BAD_OPTION', 'standard input')
  await fails(['missing.csv'], 1, 'FILE_NOT_FOUND', 'missing.csv')
  await fails([file(t, 'sku\n1\n'), '--max-rejects', 'x'], 2, 'BAD_OPTION', '--max-rejects')
  await fails([file(t, 'sku\n1\n'), '--table', 'dasy_queue.x'], 2, 'BAD_OPTION', 'dasy_queue')
  await fails([file(t, 'sku\n1\n'), '--existing-only'], 2, 'BAD_OPTION', 'existingOnly')
  const pipe = join(folder(t), 'pipe')
  t.equal(spawnSync('mkfifo', [pipe]).status, 0)
  await fails([pipe], 1, 'NOT_REPEATABLE', 'pipe')
  t.equal(await queue.db.value("SELECT to_regclass('dasy.jobs')"), null)
})

t.test('the flags of ingest, update and plan hold when a worker loads', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('id;note\n1;x\n', '--table', 'notes', '--key', 'id', '--workers', '1')
  await queue.enqueueText(
    'id;note\n1;y\n2;z\n',
    '--table',
    'notes',
    '--key',
    'id',
    '--update',
    '--existing-only',
  )
  await queue.enqueueText('id,note\n3,w\n', '--table', 'notes', '--key', 'id', '--plan')
  await queue.enqueueText('a\nx\n', '--table', 'nothing', '--key', 'a', '--update')
  const events = await queue.workOnce(1)
  t.same(
    events
      .map(({ type }) => type)
      .filter((type) => /completed|planned|failed/.test(type))
      .toSorted(),
    ['run.completed', 'run.completed', 'run.failed', 'run.planned'],
  )
  t.same(await queue.db.rows('SELECT id, note FROM notes ORDER BY 1'), [{ id: '1', note: 'y' }])
  t.match(await queue.run(4), { status: 'failed', error: { code: 'TABLE_NOT_FOUND' } })
  ;(await queue.try(['apply', '3'])).expectStatus(0)
  t.equal(await queue.db.value('SELECT count(*) FROM notes'), 2)
})

t.test(
  'patterns are expanded when they are enqueued, and a file is read as it is when it is loaded',
  async (t) => {
    const queue = await Queue.of(t)
    for (const name of ['x1.csv', 'x2.csv'])
      writeFileSync(join(queue.cwd, name), `sku,name\n${name},before\n`)
    const run = await queue.enqueue(['x*.csv'])
    writeFileSync(join(queue.cwd, 'x2.csv'), 'sku,name\nx2.csv,after that\n')
    writeFileSync(join(queue.cwd, 'x3.csv'), 'sku,name\nx3.csv,late\n')
    await queue.workOnce()
    t.match(await queue.run(run), { status: 'completed', source: ['x1.csv', 'x2.csv'] })
    t.same(await queue.db.rows('SELECT sku, name FROM products ORDER BY 1'), [
      { sku: 'x1.csv', name: 'before' },
      { sku: 'x2.csv', name: 'after that' },
    ])
  },
)

t.test('work --once tells by its exit status how the loads ended', async (t) => {
  const queue = await Queue.of(t)
  await queue.workOnce(0)
  await queue.enqueueText('sku\n1\n')
  await queue.workOnce(0)
  await queue.enqueueText('sku,name\n1\n')
  await queue.enqueueText('sku,name\n1,x\n')
  await queue.workOnce(3)
  t.match(await queue.jobs(), [
    { run: 3, state: 'done' },
    { run: 2, state: 'failed', attempts: 1, error: { code: 'TOO_MANY_REJECTS' } },
    { run: 1, state: 'done' },
  ])
  await queue.enqueueText('sku,name\n1\n')
  await queue.enqueueText('')
  await queue.workOnce(1)
  t.match(await queue.run(5), { status: 'failed', error: { code: 'EMPTY_FILE' } })
  ;(await queue.try(['resume', '2', '--max-rejects', '1'])).expectStatus(0)
})

t.test('a waiting run is left alone by other commands', async (t) => {
  const queue = await Queue.of(t)
  const source = file(t, 'sku,name\na,Ann\n', 'a.csv')
  await queue.enqueue([source])
  const options = { env: { DATABASE_URL: queue.db.url } }
  for (const args of [
    ['resume', '1'],
    ['runs', 'clean', '1'],
  ])
    await failsForPrograms(t, args, { status: 1, code: 'RUN_QUEUED', says: ['dasy cancel 1'] }, options)
  await failsForPrograms(t, ['apply', '1'], { status: 1, code: 'NOT_A_PLAN', says: [] }, options)
  ;(await queue.try(['runs', 'clean'])).expectStatus(0)
  t.match((await queue.try(['ingest', source, '--json'])).expectStatus(0).json(), { run: 2 })
  ;(await queue.try(['ingest', source, '--restart'])).expectStatus(0)
  t.match(await queue.run(1), { status: 'queued' })
  await queue.workOnce()
  t.match(await queue.run(1), { status: 'completed', rows: { unchanged: 1 } })
})

t.test('files of a host are loaded there, others anywhere', async (t) => {
  const queue = await Queue.of(t)
  const shared = folder(t)
  writeFileSync(join(queue.cwd, 'dasy.config.json'), JSON.stringify({ shared: [shared] }))
  writeFileSync(join(shared, 's.csv'), 'sku,name\ns,shared\n')
  const own = await queue.enqueueText('sku,name\na,own\n')
  const behind = await queue.enqueue([join(shared, 's.csv')], 'b')
  const other = await queue.enqueue([join(shared, 's.csv'), '--table', 'other'])
  await queue.workOnce(0, 'b')
  t.match(await queue.job(own), { state: 'waiting', waitsFor: 'host a' })
  t.match(await queue.job(behind), { state: 'waiting', waitsFor: `run ${own}` })
  t.match(await queue.job(other), { state: 'done' })
  t.match((await queue.try(['jobs'])).stdout, /waits for host a$/m)
  t.match((await queue.try(['jobs'])).stdout, /waits for run 1$/m)
  ;(await queue.try(['jobs', 'retry', `${own}`, '--any-host'])).expectStatus(0)
  await queue.workOnce(0, 'b')
  t.match(await queue.jobs(), [{ state: 'done' }, { state: 'done' }, { state: 'done' }])
})

t.test('a schema dasy_queue that somebody else has made is left alone', async (t) => {
  const queue = await Queue.of(t)
  await queue.db.run('CREATE SCHEMA dasy_queue; CREATE TABLE dasy_queue.migrations (id integer)')
  const source = file(t, 'sku\n1\n')
  for (const args of [
    ['enqueue', source, '--json'],
    ['work', '--once', '--json'],
  ])
    t.match((await queue.try(args)).expectStatus(1).stdout, /FOREIGN_SCHEMA.*RENAME/)
  ;(await queue.try(['ingest', source])).expectStatus(0)
  ;(await queue.try(['migrate', 'down', '--yes'])).expectStatus(0)
  t.equal(await queue.db.value('SELECT count(*) FROM dasy_queue.migrations'), 0)
})

t.test('migrate down removes the queue', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku\n1\n')
  const { removed } = (await queue.try(['migrate', 'down', '--yes', '--json'])).json<{ removed: string[] }>()
  t.same(removed, ['dasy_queue', 'dasy'])
  t.same(await queue.db.rows(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'dasy%'`), [])
  await queue.enqueueText('sku\n1\n')
  await queue.workOnce()
  t.equal(await queue.db.value('SELECT count(*) FROM products'), 1)
})

t.test('a configuration of graphile-worker in the working folder is neither read nor run', async (t) => {
  const queue = await Queue.of(t)
  writeFileSync(join(queue.cwd, '.graphile-workerrc.js'), 'throw new Error("it was run")')
  await queue.enqueueText('sku\n1\n')
  await queue.workOnce()
  t.match(await queue.run(1), { status: 'completed' })
})
