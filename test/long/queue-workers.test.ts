import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Queue } from '../queue/queue.js'
import { serve } from '../support/http-server.js'

t.test('loads into one table go one after the other in their order, whoever does them', async (t) => {
  const queue = await Queue.of(t)
  const tables = ['one', 'two']
  const numbers = new Map<string, number[]>(tables.map((table) => [table, []]))
  for (let version = 0; version < 5; version++) {
    for (const table of tables)
      numbers
        .get(table)
        ?.push(await queue.enqueueText(`id,v\nx,${version}\n`, '--table', table, '--key', 'id'))
  }
  await Promise.all([
    queue.workOnce(0, 'a', '--concurrency', '2'),
    queue.workOnce(0, 'a'),
    queue.workOnce(0, 'a'),
  ])
  for (const table of tables) {
    const done = await queue.db.rows<{ run: number; ordered: boolean }>(
      `SELECT run, started_at > lag(ended_at, 1, '-infinity') OVER (ORDER BY run) AS ordered
         FROM dasy.runs WHERE target = $1 AND outcome = 'completed' AND attempt = 1 ORDER BY ended_at`,
      [table],
    )
    t.same(
      done.map(({ run }) => run),
      numbers.get(table),
      'each once, in its order',
    )
    t.ok(
      done.every(({ ordered }) => ordered),
      'never two at a time',
    )
    t.same(await queue.db.rows(`SELECT v FROM ${table}`), [{ v: '4' }])
  }
  await queue.leavesNothing()
})

t.test('the run of a killed worker is gone on with by another one', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const killed = queue.work()
  await killed.until('it merges', () => queue.isMerging(run))
  const other = queue.work()
  await killed.kill()
  t.match(await queue.run(run), { status: /running|queued/ })
  const attempts = () => queue.db.value<number>('SELECT attempt FROM dasy.runs WHERE run = $1', [run])
  await other.until('it is at work', async () => (await attempts()) === 2)
  await release()
  await other.until('it is loaded', () => queue.isCompleted(run))
  other.send('SIGTERM')
  t.match(await other.ended, { status: 0 })
  t.match(await queue.job(run), { state: 'done', attempts: 0 })
  t.equal(await queue.db.value('SELECT count(*) FROM products'), 2)
  await queue.leavesNothing()
})

t.test('work --once goes on with what a worker left that was killed just before', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const killed = queue.work()
  await killed.until('it merges', () => queue.isMerging(run))
  await killed.kill()
  await release()
  await queue.workOnce()
  t.match(await queue.run(run), { status: 'completed' })
  await queue.leavesNothing()
})

t.test('nobody takes the run of a worker that is stopped, whatever the queue says', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const behind = await queue.enqueueText('sku,name\nc,Cid\n')
  const stopped = queue.work()
  await stopped.until('it merges', () => queue.isMerging(run))
  stopped.send('SIGSTOP')
  // As if it had been stopped for longer than graphile-worker waits: its job is free.
  await queue.db.run('UPDATE dasy_queue._private_jobs SET locked_at = NULL, locked_by = NULL')
  const other = queue.work()
  const another = await queue.enqueueText('sku,name\nx,Xya\n', '--table', 'others')
  await other.until('it is at work', () => queue.isCompleted(another))
  t.same(await queue.workOnce(0).then((events) => events.map(({ type }) => type)), [
    'work.started',
    'work.stopped',
  ])
  t.match(await queue.db.rows('SELECT attempt FROM dasy.runs WHERE run = $1', [run]), [{ attempt: 1 }])
  await release()
  stopped.send('SIGCONT')
  await other.until('all is loaded', () => queue.isCompleted(behind))
  for (const worker of [stopped, other]) {
    worker.send('SIGTERM')
    t.match(await worker.ended, { status: 0 })
  }
  t.match(await queue.db.rows('SELECT attempt FROM dasy.runs WHERE run = $1', [run]), [{ attempt: 1 }])
  await queue.leavesNothing()
})

t.test('a worker that is asked to stop interrupts its load, which another goes on with', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const worker = queue.work()
  await worker.until('it merges', () => queue.isMerging(run))
  const { status, stdout } = await worker.interrupt()
  t.equal(status, 0)
  t.match(stdout, /"run.interrupted".*\n.*"work.stopped"/)
  t.match(await queue.job(run), { state: 'waiting', attempts: 0 })
  t.match(await queue.run(run), { status: 'queued' })
  t.equal(await queue.db.value('SELECT count(*) FROM dasy.jobs WHERE worker IS NOT NULL'), 0)
  await release()
  await queue.workOnce()
  t.match(await queue.run(run), { status: 'completed', run })
  await queue.leavesNothing()
})

t.test('a source that is out of reach is tried again, in its order, as often as configured', async (t) => {
  const queue = await Queue.of(t)
  writeFileSync(join(queue.cwd, 'dasy.config.json'), '{"attempts": 2}')
  let failures = 0
  const server = await serve(t, Buffer.from('sku,name\nu,Url\n'), {
    instead: () => (failures-- > 0 ? { status: 503 } : undefined),
  })
  const flags = ['--retry-for', '0']
  const first = await queue.enqueue([server.url, ...flags])
  const behind = await queue.enqueueText('sku,name\nu,File\n')
  failures = 1
  const events = await queue.workOnce()
  t.same(
    events
      .filter(({ type }) => type.startsWith('run.'))
      .map(({ type, data }) => [type, (data as { run: number }).run]),
    [
      ['run.started', first],
      ['run.postponed', first],
      ['run.started', first],
      ['run.completed', first],
      ['run.started', behind],
      ['run.completed', behind],
    ],
  )
  t.same(await queue.db.rows('SELECT name FROM products'), [{ name: 'File' }], 'the later one is the last')
  t.match(await queue.job(first), { state: 'done', attempts: 1 })

  const hopeless = await queue.enqueue([server.url, ...flags])
  failures = 2
  await queue.workOnce(1)
  t.match(await queue.job(hopeless), { state: 'failed', attempts: 2, error: { code: 'HTTP_STATUS' } })
  ;(await queue.try(['jobs', 'retry', `${hopeless}`])).expectStatus(0)
  await queue.workOnce()
  t.match(await queue.run(hopeless), { status: 'completed' })
  await queue.leavesNothing()
})

t.test('a worker whose connection breaks when it asks for its first job asks again', async (t) => {
  const queue = await Queue.of(t)
  const run = await queue.enqueueText('id,v\nx,1\n', '--table', 'one', '--key', 'id')
  await queue.db.run(`
    CREATE SEQUENCE questions;
    CREATE FUNCTION end_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('questions') = 1 THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER ends_once BEFORE INSERT ON dasy_queue._private_tasks EXECUTE FUNCTION end_once()`)
  await queue.workOnce()
  t.ok(await queue.db.value('SELECT last_value > 1 FROM questions'), 'it has asked again')
  t.ok(await queue.isCompleted(run))
  await queue.leavesNothing()
})
