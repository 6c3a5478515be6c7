import t from 'tap'
import { Queue } from '../queue/queue.js'
import { failsForPrograms } from '../support/cli-failure.js'
import { CliProcess } from '../support/cli-process.js'
import { file } from '../support/files.js'

const CANCELLED = { status: 'interrupted', error: { code: 'CANCELLED_BY_USER' } }

t.test('a waiting run is taken out of the queue, and can be gone on with by hand', async (t) => {
  const queue = await Queue.of(t)
  const run = await queue.enqueueText('sku,name\na,Ann\n')
  const behind = await queue.enqueueText('sku,name\nb,Bob\n')
  t.match((await queue.try(['cancel', `${run}`, '--json'])).expectStatus(0).json(), {
    run,
    status: 'interrupted',
  })
  t.match(await queue.run(run), CANCELLED)
  await queue.workOnce()
  t.match(await queue.jobs(), [
    { run: behind, state: 'done' },
    { run, state: 'failed' },
  ])
  const options = { env: { DATABASE_URL: queue.db.url } }
  const nothing = { status: 1, code: 'NOTHING_TO_CANCEL', says: [] }
  for (const each of [run, behind]) await failsForPrograms(t, ['cancel', `${each}`], nothing, options)
  await failsForPrograms(t, ['cancel', '99'], { status: 1, code: 'RUN_NOT_FOUND', says: [] }, options)
  ;(await queue.try(['resume', `${run}`])).expectStatus(0)
  t.match(await queue.run(run), { status: 'completed', rows: { inserted: 1 } })
  await queue.leavesNothing()
})

t.test('a run that is at work is interrupted, also on another host, and its worker goes on', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const worker = queue.work()
  await worker.until('it merges', () => queue.isMerging(run))
  ;(await queue.try(['cancel', `${run}`], 'b')).expectStatus(0)
  await worker.until('it is told', () => worker.stdout.includes('run.cancelled'))
  t.match(await queue.run(run), CANCELLED)
  await release()
  const next = await queue.enqueueText('sku,name\nc,Cid\n')
  await worker.until('the next is loaded', () => queue.isCompleted(next))
  worker.send('SIGTERM')
  t.match(await worker.ended, { status: 0 })
  t.same(await queue.db.rows('SELECT sku FROM products ORDER BY 1'), [{ sku: 'a' }, { sku: 'c' }])
})

t.test('a run of ingest is cancelled like one of the queue', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const env = { DATABASE_URL: queue.db.url }
  const ingest = CliProcess.start(t, ['ingest', file(t, 'sku,name\nb,Bob\n'), '--json'], { env })
  await ingest.until('it merges', () => queue.isMerging(2))
  ;(await queue.try(['cancel', '2'])).expectStatus(0)
  const { status, stdout } = await ingest.ended
  t.equal(status, 130)
  t.match(JSON.parse(stdout), { error: { code: 'CANCELLED_BY_USER', run: 2 } })
  t.match(await queue.run(2), CANCELLED)
  await release()
  ;(await queue.try(['resume', '2'])).expectStatus(0)
  await queue.leavesNothing()
})

t.test('a run that is not tried again is told that it was cancelled', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const env = { DATABASE_URL: queue.db.url }
  const args = ['ingest', file(t, 'sku,name\nb,Bob\n'), '--json', '--retry-for', '0']
  const ingest = CliProcess.start(t, args, { env })
  await ingest.until('it merges', () => queue.isMerging(2))
  ;(await queue.try(['cancel', '2'])).expectStatus(0)
  t.match(await ingest.ended, { status: 130, stdout: /CANCELLED_BY_USER/ })
  await release()
})

t.test('a stopped process cannot keep its run from being cancelled', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,Ann\n')
  await queue.workOnce()
  const release = await queue.hold('products')
  const run = await queue.enqueueText('sku,name\nb,Bob\n')
  const worker = queue.work()
  await worker.until('it merges', () => queue.isMerging(run))
  worker.send('SIGSTOP')
  ;(await queue.try(['cancel', `${run}`])).expectStatus(0)
  await release()
  t.match(await queue.run(run), CANCELLED)
  worker.send('SIGCONT')
  await worker.until('it is told', () => worker.stdout.includes('run.cancelled'))
  worker.send('SIGTERM')
  await worker.ended
  t.equal(await queue.db.value('SELECT count(*) FROM products'), 1)
})
