import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { PreparedRun } from '../../lib/api/prepared-run.js'
import { Database } from '../../lib/db/database.js'
import { KeptSessions } from '../../lib/db/kept-sessions.js'
import { findStored, type StoredRun } from '../../lib/ledger/stored-run.js'
import { LookAhead } from '../../lib/queue/look-ahead.js'
import { findFollowing, settle, type TakenRun, take } from '../../lib/queue/schedule.js'
import { Queue, told } from '../queue/queue.js'
import type { CliProcess } from '../support/cli-process.js'
import { enqueue, work } from '../support/compiled.js'
import { file } from '../support/files.js'

/** While the records of a run are merged, its worker prepares the next one: it reads, and records nothing. */

/** Sessions of loads: the one that merges, and the one that is prepared. */
const LOADING = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dasy'`

interface Scene {
  readonly queue: Queue
  readonly worker: CliProcess
  /** Lets the second run publish, while the third one is prepared. */
  readonly publish: () => Promise<void>
}

/** Runs of a table: the first is loaded, the second wants to publish. */
async function secondPublishes(
  t: Test,
  second: readonly string[],
  others: readonly string[],
): Promise<Scene> {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,0\n')
  await queue.workOnce()
  await queue.enqueue(second)
  for (const text of others) await queue.enqueueText(text)
  const publish = await queue.hold('products')
  const worker = queue.workInOneTurn()
  await worker.until('it publishes', async () => (await queue.waitingForLock('products')) > 0)
  await worker.until('the next is prepared', async () => (await queue.db.value<number>(LOADING)) === 2)
  return { queue, worker, publish }
}

async function untilDone({ queue, worker }: Scene): Promise<void> {
  const isDone = 'SELECT count(*) = 0 FROM dasy.jobs WHERE waiting OR worker IS NOT NULL'
  await worker.until('it is done with all', () => queue.db.value<boolean>(isDone))
  t.equal((await worker.interrupt()).status, 0)
  await queue.leavesNothing()
}

t.test('of the next run nothing is recorded before it is taken', async (t) => {
  const scene = await secondPublishes(t, [file(t, 'sku,name\na,1\n')], ['sku,name\na,2\n', 'sku,name\na,3\n'])
  const { queue, worker, publish } = scene
  t.same(await queue.db.rows('SELECT run, attempt, state FROM dasy.runs WHERE run > 2 ORDER BY run'), [
    { run: 3, attempt: 0, state: 'opened' },
    { run: 4, attempt: 0, state: 'opened' },
  ])
  t.match(await queue.job(3), { state: 'waiting', worker: null, attempts: 0 })
  await publish()
  await untilDone(scene)
  const ofEach = [2, 3, 4].flatMap((run) => [`run.started ${run}`, `run.completed ${run}`])
  t.same(told(worker), ofEach)
  t.same(await queue.db.rows('SELECT sku, name FROM products'), [{ sku: 'a', name: '3' }])
})

t.test('a run that is cancelled while it is prepared is not loaded', async (t) => {
  const scene = await secondPublishes(t, [file(t, 'sku,name\na,1\n')], ['sku,name\na,2\n', 'sku,name\nb,3\n'])
  const { queue, worker, publish } = scene
  ;(await queue.try(['cancel', '3'])).expectStatus(0)
  await publish()
  await worker.until('no session is kept', async () => (await queue.db.value<number>(LOADING)) === 0)
  await untilDone(scene)
  t.notMatch(told(worker).join(), /run\.started 3/)
  t.same(await queue.db.rows('SELECT sku, name FROM products ORDER BY sku'), [
    { sku: 'a', name: '1' },
    { sku: 'b', name: '3' },
  ])
})

t.test('what the run before makes of the table is known to one that was prepared', async (t) => {
  const wide = file(t, 'sku,name,colour\na,1,red\n')
  const scene = await secondPublishes(t, [wide], ['sku,name,colour\nb,2,blue\n', 'sku,name\nc,3\n'])
  await scene.publish()
  await untilDone(scene)
  t.same(await scene.queue.db.rows('SELECT sku, name, colour FROM products ORDER BY sku'), [
    { sku: 'a', name: '1', colour: 'red' },
    { sku: 'b', name: '2', colour: 'blue' },
    { sku: 'c', name: '3', colour: null },
  ])
})

t.test('what could not be prepared is tried when it is its turn', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,0\n')
  await queue.workOnce()
  const late = file(t, 'sku,name\nb,2\n')
  await queue.enqueueText('sku,name\na,1\n')
  await queue.enqueue([late])
  const publish = await queue.hold('products')
  rmSync(late)
  const worker = queue.workInOneTurn()
  await worker.until('it publishes', async () => (await queue.waitingForLock('products')) > 0)
  writeFileSync(late, 'sku,name\nb,there again\n')
  await publish()
  await untilDone({ queue, worker, publish })
  t.equal(await queue.db.value("SELECT name FROM products WHERE sku = 'b'"), 'there again')
})

t.test('a worker that is stopped or killed with a prepared run leaves nothing', async (t) => {
  for (const end of ['interrupt', 'kill'] as const) {
    const scene = await secondPublishes(t, [file(t, 'sku,name\na,1\n')], ['sku,name\na,2\n'])
    const { queue, worker, publish } = scene
    const { status } = await worker[end]()
    if (end === 'interrupt') t.equal(status, 0)
    await publish()
    await queue.workOnce()
    t.same(
      (await queue.jobs()).map(({ state }) => state),
      ['done', 'done', 'done'],
    )
    t.equal(await queue.db.value('SELECT name FROM products'), '2')
    await queue.leavesNothing()
  }
})

t.test(
  'a file that is replaced or written anew while its run is prepared is loaded as it is then',
  async (t) => {
    for (const replaces of [true, false]) {
      const path = file(t, 'sku,name\na,old\n')
      const queue = await Queue.of(t)
      await queue.enqueueText('sku,name\na,0\n')
      await queue.workOnce()
      await queue.enqueueText('sku,name\na,1\n')
      await queue.enqueue([path])
      const publish = await queue.hold('products')
      const worker = queue.workInOneTurn()
      await worker.until('it is prepared', async () => (await queue.db.value<number>(LOADING)) === 2)
      const text = 'name,sku\nnew,a\nnew,b\n'
      if (replaces) renameSync(file(t, text, 'other.csv'), path)
      else writeFileSync(path, text)
      await publish()
      await untilDone({ queue, worker, publish })
      t.same(told(worker).slice(2), ['run.started 3', 'run.completed 3'])
      t.same(await queue.db.rows('SELECT sku, name FROM products ORDER BY sku'), [
        { sku: 'a', name: 'new' },
        { sku: 'b', name: 'new' },
      ])
    }
  },
)

/** What of the look-ahead is left after something has happened between the preparation and the taking. */
async function usedAfter(t: Test, between: (queue: Queue, path: string) => unknown): Promise<boolean> {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,0\n')
  await queue.workOnce()
  const path = file(t, 'sku,name\na,1\n')
  await queue.enqueue([path])
  const name = await queue.db.value<string>('SELECT queue FROM dasy.jobs WHERE run = 2')
  await using database = await Database.open({ databaseUrl: queue.db.url })
  await using kept = new KeptSessions()
  await using session = await database.session('dasy work')
  let isReady = (): void => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  await using ahead = new LookAhead(
    (run) => findFollowing(session, name, run, 'a'),
    async ({ run, tuning, pinned }) => {
      const stored = (await findStored(session, run)) as StoredRun
      const ofQueue = { isPinned: pinned, allowPrivateUrls: false }
      return await PreparedRun.prepare(stored, tuning, { database, kept }, ofQueue).finally(isReady)
    },
  )
  ahead.begin(1, 1)
  await ready
  await between(queue, path)
  const taking = take(session, name, 'worker', 'a')
  await using prepared = await ahead.of(taking)
  await settle(session, ((await taking) as TakenRun).run, 'worker', { staysInQueue: false })
  return prepared !== undefined
}

t.test('what was prepared is used, unless file, table or job have changed since', async (t) => {
  t.equal(await usedAfter(t, () => {}), true)
  t.equal(await usedAfter(t, (_, path) => writeFileSync(path, 'sku,name\na,2\n')), false)
  t.equal(await usedAfter(t, ({ db }) => db.run('ALTER TABLE products ADD colour text')), false)
  t.equal(await usedAfter(t, ({ db }) => db.run('DROP TABLE products CASCADE')), false)
  t.equal(await usedAfter(t, ({ db }) => db.run('UPDATE dasy.runs SET attempt = 1 WHERE run = 2')), false)
  t.equal(await usedAfter(t, ({ db }) => db.run(`UPDATE dasy.jobs SET tuning = '{"workers": 2}'`)), false)
})

t.test('a listener that throws when a prepared run is begun does not keep its session', async (t) => {
  const queue = await Queue.of(t)
  await queue.enqueueText('sku,name\na,0\n')
  await queue.workOnce()
  const { url: databaseUrl } = queue.db
  for (const name of ['1', '2']) await enqueue(file(t, `sku,name\na,${name}\n`), { databaseUrl })
  const publish = await queue.hold('products')
  const stop = new AbortController()
  let hasThrown = false
  const working = work({
    databaseUrl,
    signal: stop.signal,
    onQueueEvent: ({ type, data }) => {
      if (type !== 'run.started' || (data as { run: number }).run !== 3) return
      hasThrown = true
      throw new Error('not now')
    },
  })
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await sleep(10)
  }
  await until(async () => (await queue.db.value<number>(LOADING)) === 2)
  await publish()
  await until(async () => hasThrown && (await queue.db.value<number>(LOADING)) === 0)
  stop.abort()
  await working
  await work({ databaseUrl, once: true })
  t.equal(await queue.db.value('SELECT name FROM products'), '2')
  await queue.leavesNothing()
})

t.test('a run that cannot be taken ends nothing but the turn', async (t) => {
  const find = () => sleep(100, undefined)
  await using ahead = new LookAhead(find, async () => undefined)
  ahead.begin(1, 1)
  const taking = Promise.reject(new Error('the database is gone'))
  t.equal(await ahead.of(taking), undefined)
  await t.rejects(taking, /gone/)
})
