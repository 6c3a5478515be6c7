import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownHost } from '../../lib/base/host.js'
import { enqueue } from '../../lib/queue/enqueue.js'
import { enqueueApply, enqueuePurge, enqueueResume, enqueueUndo } from '../../lib/queue/enqueue-run.js'
import { Queue } from '../queue/queue.js'
import { CliProcess } from '../support/cli-process.js'
import { serve } from '../support/http-server.js'

/** What else than loads goes through the queue, and that it can be cancelled. */

const CANCELLED = { code: 'CANCELLED_BY_USER' }

async function names(queue: Queue): Promise<string> {
  const rows = await queue.db.rows<{ name: string }>('SELECT name FROM products ORDER BY sku')
  return rows.map(({ name }) => name).join()
}

t.test('loads, applied plans, undos and purges of a table are done in the order of their runs', async (t) => {
  const queue = await Queue.of(t)
  const databaseUrl = queue.db.url
  await queue.enqueueText('sku,name\na,Ann\nb,Bob\n')
  const plan = await queue.enqueueText('sku,name\na,Amy\n', '--plan')
  await queue.workOnce()
  t.equal(await names(queue), 'Ann,Bob')

  t.same(await enqueueApply(plan, { databaseUrl }), { run: plan })
  t.match(await queue.run(plan), { status: 'queued', command: 'plan' })
  t.match(await queue.job(plan), { state: 'waiting' })
  ;(await queue.try(['changes', `${plan}`])).expectStatus(0)
  const undo = (await enqueueUndo(1, { databaseUrl })).run
  const load = await queue.enqueueText('sku,name\nc,Cid\n')
  const purge = (await enqueuePurge('products', { databaseUrl, where: "sku = 'c'" })).run
  t.same([undo, load, purge], [plan + 1, plan + 2, plan + 3])
  t.match(await queue.run(undo), { status: 'queued', command: 'undo', table: 'products', key: ['sku'] })

  const events = await queue.workOnce(3)
  t.same(
    events
      .filter(({ type }) => /^run\.(completed|rejected)/.test(type))
      .map(({ type, data }) => [type, (data as { run: number }).run]),
    [
      ['run.completed', plan],
      // The plan has changed what the first load has inserted.
      ['run.rejected', undo],
      ['run.completed', load],
      ['run.completed', purge],
    ],
  )
  t.equal(await names(queue), 'Amy,Bob')
  t.match(await queue.job(undo), { state: 'failed', error: { code: 'UNDO_CONFLICTS' } })

  t.same(await enqueueResume(undo, { databaseUrl, skipConflicts: true }), { run: undo })
  await queue.workOnce()
  t.match(await queue.run(undo), { status: 'completed', rows: { deleted: 1, skipped: 1 } })
  t.equal(await names(queue), 'Amy')
  for (const done of [plan, undo]) {
    const again = done === plan ? enqueueApply : enqueueResume
    t.same(await again(done, { databaseUrl }), { run: done })
    t.match(await queue.job(done), { state: 'done' }, 'nothing is left to be done')
  }
  await queue.leavesNothing()
})

t.test('what cannot be done is refused when it is enqueued', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\n')
  await t.rejects(enqueueApply(1, how), { code: 'NOT_A_PLAN' })
  await t.rejects(enqueueResume(1, how), { code: 'RUN_QUEUED' })
  await t.rejects(enqueueUndo(1, how), { code: 'NO_HISTORY' })
  await t.rejects(enqueueUndo(9, how), { code: 'RUN_NOT_FOUND' })
  await t.rejects(enqueuePurge('missing', how), { code: 'TABLE_NOT_FOUND' })
  await t.rejects(enqueuePurge('products', { ...how, where: 'nonsense' }), { code: 'TABLE_NOT_FOUND' })
  await queue.workOnce()
  await t.rejects(enqueuePurge('products', { ...how, where: 'nonsense' }), { code: 'BAD_OPTION' })
  const plan = await queue.enqueueText('sku,name\na,Amy\n', '--plan')
  await queue.workOnce()
  await t.rejects(enqueueResume(plan, how), { code: 'RUN_ENDED' })
  await enqueueApply(plan, how)
  await t.rejects(enqueueApply(plan, how), { code: 'RUN_QUEUED' })
  for (const verb of ['apply', 'resume'])
    t.match((await queue.try([verb, `${plan}`, '--json'])).expectStatus(1).json(), {
      error: { code: 'RUN_QUEUED' },
    })
  t.equal(await queue.db.value('SELECT count(*) FROM dasy.jobs WHERE waiting'), 1)
})

t.test('a stale plan fails once, and can be made again in the queue', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\n')
  const plan = await queue.enqueueText('sku,name\na,Amy\n', '--plan')
  await queue.workOnce()
  await queue.db.run(`UPDATE products SET name = 'Eva'`)
  await enqueueApply(plan, how)
  await queue.workOnce(1)
  t.match(await queue.job(plan), { state: 'failed', error: { code: 'PLAN_STALE' } })
  t.match(await queue.run(plan), { status: 'planned', error: { code: 'PLAN_STALE' } })
  await enqueueApply(plan, { ...how, replan: true })
  t.match((await queue.workOnce())[2], { type: 'run.planned', data: { run: plan } })
  t.match(await queue.run(plan), { status: 'planned', error: null })
  t.equal(await names(queue), 'Eva')
  await enqueueApply(plan, how)
  await queue.workOnce()
  t.equal(await names(queue), 'Amy')
  await queue.leavesNothing()
})

t.test('a queued apply that is cancelled is a plan again', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\n')
  const plan = await queue.enqueueText('sku,name\na,Amy\n', '--plan')
  await queue.workOnce()
  await enqueueApply(plan, how)
  const cancelled = (await queue.try(['cancel', `${plan}`, '--json'])).expectStatus(0)
  t.same(cancelled.json(), { run: plan, status: 'planned' })
  t.match(await queue.run(plan), { status: 'planned', error: CANCELLED })
  await queue.workOnce()
  t.equal(await names(queue), 'Ann')
  await enqueueApply(plan, how)
  await queue.workOnce()
  t.equal(await names(queue), 'Amy')
  t.match(await queue.run(plan), { status: 'completed', error: null })
  await queue.leavesNothing()
})

t.test('an apply that is at work is cancelled, by hand or in the queue, and can be done again', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\n')
  const plan = await queue.enqueueText('sku,name\na,Amy\n', '--plan')
  await queue.workOnce()
  const release = await queue.hold('products')
  const isAtWork = async () => (await queue.waitingForLock('products')) > 0
  const env = { DATABASE_URL: queue.db.url }

  const byHand = CliProcess.start(t, ['apply', `${plan}`, '--json'], { env })
  await byHand.until('it waits for the table', isAtWork)
  t.match((await queue.try(['cancel', `${plan}`, '--json'], 'b')).json(), { status: 'planned' })
  const { status, stdout } = await byHand.ended
  t.equal(status, 130)
  t.match(JSON.parse(stdout), { error: { ...CANCELLED, run: plan, hint: /dasy apply/ } })
  t.match(await queue.run(plan), { status: 'planned', error: CANCELLED })
  await byHand.until('its session is gone', async () => !(await isAtWork()))

  await enqueueApply(plan, how)
  const worker = queue.work()
  await worker.until('it waits for the table', isAtWork)
  t.match(await queue.run(plan), { status: 'running' })
  t.match((await queue.try(['cancel', `${plan}`, '--json'], 'b')).json(), { status: 'planned' })
  await worker.until('it is told', () => worker.stdout.includes('run.cancelled'))
  worker.send('SIGTERM')
  t.match(await worker.ended, { status: 0 })
  t.match(await queue.job(plan), { state: 'failed' })

  await release()
  ;(await queue.try(['apply', `${plan}`])).expectStatus(0)
  t.equal(await names(queue), 'Amy')
  await queue.leavesNothing()
})

t.test('an undo and a purge that are at work are cancelled, and can be gone on with', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\nb,Bob\n')
  await queue.workOnce()
  await queue.db.run(`INSERT INTO products VALUES ('x', 'Xya')`)
  const env = { DATABASE_URL: queue.db.url }
  const isAtWork = async () => (await queue.waitingForLock('products')) > 0
  const verbs = { undo: ['undo', '1'], purge: ['purge', 'products', '--where', "sku = 'x'", '--yes'] }
  let run = 1
  for (const [verb, args] of Object.entries(verbs)) {
    const release = await queue.hold('products')
    const byHand = CliProcess.start(t, [...args, '--json'], { env })
    await byHand.until('it waits for the table', isAtWork)
    run += 1
    t.match((await queue.try(['cancel', `${run}`, '--json'])).json(), { run, status: 'interrupted' })
    t.match(await byHand.ended, { status: 130, stdout: /CANCELLED_BY_USER/ }, verb)
    t.match(await queue.run(run), { command: verb, status: 'interrupted', error: CANCELLED })
    await byHand.until('its session is gone', async () => !(await isAtWork()))

    await enqueueResume(run, how)
    const worker = queue.work()
    await worker.until('it waits for the table', isAtWork)
    ;(await queue.try(['cancel', `${run}`])).expectStatus(0)
    await worker.until('it is told', () => worker.stdout.includes('run.cancelled'))
    worker.send('SIGTERM')
    t.match(await worker.ended, { status: 0 })
    await release()
    t.match(await queue.run(run), { status: 'interrupted', error: CANCELLED })
    ;(await queue.try(['resume', `${run}`])).expectStatus(0)
    t.match(await queue.run(run), { status: 'completed' })
  }
  t.equal(await names(queue), '')
  await queue.leavesNothing()
})

t.test('two purges that wait are both done, although one by hand comes before', async (t) => {
  const queue = await Queue.of(t)
  const how = { databaseUrl: queue.db.url }
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  await queue.enqueueText('sku,name\nb,Bob\n')
  const first = (await enqueuePurge('products', how)).run
  ;(await queue.try(['purge', 'products', '--yes'])).expectStatus(0)
  await queue.workOnce()
  t.match(await queue.run(first), { status: 'completed', rows: { deleted: 1 } })
  t.equal(await names(queue), '')
  await queue.leavesNothing()
})

t.test('the files of the SQL that belongs to a load decide its host, as its sources do', async (t) => {
  const queue = await Queue.of(t)
  const databaseUrl = queue.db.url
  const path = join(queue.cwd, 'before.sql')
  writeFileSync(path, 'SELECT 1;')
  const server = await serve(t, Buffer.from('sku,name\na,Ann\n'))
  const { run } = await enqueue(server.url, { databaseUrl, before: path, plan: true })
  t.match(await queue.job(run), { host: ownHost() })
  const shared = await enqueue(server.url, { databaseUrl, before: path, shared: [queue.cwd], table: 'x' })
  t.match(await queue.job(shared.run), { host: null })
  await queue.workOnce(0, ownHost())
  await enqueueApply(run, { databaseUrl })
  t.match(await queue.job(run), { host: ownHost() })

  const plan = await queue.enqueueText('sku,name\na,Ann\n', '--plan', '--table', 'others')
  await queue.workOnce()
  await enqueueApply(plan, { databaseUrl })
  t.match(await queue.job(plan), { host: null, waitsFor: 'worker' })
  await queue.workOnce(0, 'b')
  t.match(await queue.run(plan), { status: 'completed' })
})
