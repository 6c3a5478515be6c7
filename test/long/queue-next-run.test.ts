import t, { type Test } from 'tap'
import { Queue, told } from '../queue/queue.js'
import type { CliProcess } from '../support/cli-process.js'
import { enqueue, work } from '../support/compiled.js'
import { file } from '../support/files.js'

interface Scene {
  readonly queue: Queue
  readonly worker: CliProcess
  /** Lets the worker remove the staging of the first run. */
  readonly release: () => Promise<void>
}

/** Three runs of a table; the first one is published, and somebody reads its staging. */
async function firstIsPublished(t: Test): Promise<Scene> {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,0\n')
  await queue.workOnce()
  for (const name of ['1', '2', '3']) await queue.enqueueText(`sku,name\na,${name}\n${name},new\n`)
  const publish = await queue.hold('products')
  const worker = queue.workInOneTurn()
  await worker.until('it publishes', async () => (await queue.waitingForLock('products')) > 0)
  const reader = await queue.db.client()
  await reader.query('BEGIN; LOCK TABLE dasy.staging_2 IN ACCESS SHARE MODE')
  await publish()
  const release = async (): Promise<void> => {
    await reader.query('COMMIT')
  }
  return { queue, worker, release }
}

t.test('the next run is loaded while what the former one used is removed, but no third', async (t) => {
  const { queue, worker, release } = await firstIsPublished(t)
  await worker.until('the next is loaded', () => told(worker).includes('run.completed 3'))
  t.equal(await queue.db.value("SELECT to_regclass('dasy.staging_2') IS NOT NULL"), true)
  t.same(told(worker), ['run.started 2', 'run.completed 2', 'run.started 3', 'run.completed 3'])
  t.match(await queue.job(4), { state: 'waiting' })
  await release()
  const isDone = 'SELECT count(*) = 4 FROM dasy.jobs WHERE NOT waiting AND worker IS NULL'
  await worker.until('it is done with all', () => queue.db.value<boolean>(isDone))
  t.equal((await worker.interrupt()).status, 0)
  t.same(told(worker).slice(4), ['run.started 4', 'run.completed 4'])
  t.equal(await queue.db.value("SELECT name FROM products WHERE sku = 'a'"), '3', 'in their order')
  t.equal(await queue.db.value('SELECT count(*) FROM products'), 4)
  await queue.leavesNothing()
})

t.test('a worker that is killed meanwhile leaves nothing, and each run is applied once', async (t) => {
  const { queue, worker, release } = await firstIsPublished(t)
  await worker.until('the next has begun', () => told(worker).includes('run.started 3'))
  await worker.kill()
  await release()
  await queue.workOnce()
  t.same(
    (await queue.jobs()).map(({ state }) => state),
    ['done', 'done', 'done', 'done'],
  )
  t.equal(await queue.db.value("SELECT name FROM products WHERE sku = 'a'"), '3', 'in their order')
  t.same(await queue.db.rows("SELECT name, no_of_products FROM products_agg WHERE name = 'new'"), [
    { name: 'new', no_of_products: 3 },
  ])
  t.equal(await queue.db.value("SELECT count(*) FROM dasy.runs WHERE outcome = 'completed'"), 4)
  await queue.leavesNothing()
})

t.test('a listener that throws at the end of a run does not keep what the run used', async (t) => {
  const queue = await Queue.of(t)
  await enqueue(file(t, 'sku,name\na,Ann\n'), { databaseUrl: queue.db.url })
  await work({
    databaseUrl: queue.db.url,
    once: true,
    onQueueEvent: ({ type }) => {
      if (type === 'run.completed') throw new Error('not now')
    },
  }).catch(() => {})
  t.equal(await queue.db.value('SELECT outcome FROM dasy.runs WHERE run = 1'), 'completed')
  await queue.leavesNothing()
})
