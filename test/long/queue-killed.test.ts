import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Queue } from '../queue/queue.js'
import type { CliProcess } from '../support/cli-process.js'
import { file } from '../support/files.js'
import { Chance } from '../support/history-model.js'

/**
 * Workers are killed, stopped for a while, asked to end, and lose all their connections, at moments by chance, a hundred times.
 * Afterwards every run is completed, in its order, and was applied once. DASY_SEED repeats one.
 */

const SEED = Number(process.env.DASY_SEED ?? Math.floor(Math.random() * 2 ** 32))
const TIMES = 100
const WORKERS = 3
const TABLES = ['one', 'two', 'three']
/** Enough for several ranges. */
const ROWS = 6000

/** Each version is another value in each row. */
const content = (version: number) =>
  `id,v,filler\n${Array.from({ length: ROWS }, (_, i) => `${i},${version},some text that fills it up`).join('\n')}\n`

t.test(`whatever happens to workers (seed ${SEED})`, async (t) => {
  const chance = new Chance(SEED)
  const queue = await Queue.of(t)
  const { db } = queue
  const versions = new Map(TABLES.map((table) => [table, 0]))
  const enqueue = async (table: string): Promise<void> => {
    const version = (versions.get(table) as number) + 1
    versions.set(table, version)
    await queue.enqueue([file(t, content(version)), '--table', table, '--key', 'id', '--range-size', '40000'])
  }
  for (const table of TABLES) for (let i = 0; i < 3; i++) await enqueue(table)
  const start = () => queue.work('a', '--concurrency', `${1 + chance.below(2)}`)
  const workers: CliProcess[] = Array.from({ length: WORKERS }, start)
  const stopped = new Set<CliProcess>()
  const waiting = () => db.value<number>('SELECT count(*) FROM dasy.jobs WHERE waiting')

  for (let time = 0; time < TIMES; time++) {
    await sleep(chance.below(400))
    if ((await waiting()) < 6) await enqueue(TABLES[chance.below(TABLES.length)] as string)
    const index = chance.below(WORKERS)
    const worker = workers[index] as CliProcess
    switch (chance.below(6)) {
      case 0:
      case 1:
        await worker.kill()
        stopped.delete(worker)
        workers[index] = start()
        break
      case 2:
        worker.send('SIGSTOP')
        stopped.add(worker)
        break
      case 3:
        for (const each of stopped) each.send('SIGCONT')
        stopped.clear()
        break
      case 4: {
        worker.send('SIGCONT')
        stopped.delete(worker)
        worker.send('SIGTERM')
        const { status, stdout, stderr } = await worker.ended
        if (stdout !== '') t.equal(status, 0, 'asked to stop', { stdout, stderr })
        workers[index] = start()
        break
      }
      default:
        await db.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND application_name LIKE 'dasy%'`)
    }
  }
  for (const each of stopped) each.send('SIGCONT')
  await (workers[0] as CliProcess).until('all is loaded', async () => (await waiting()) === 0)
  for (const worker of workers) worker.send('SIGTERM')
  for (const worker of workers)
    t.match(await worker.ended, { status: 0, stderr: /^((?!INTERNAL|at .*js:).)*$/s })

  const runs = await db.rows<{ target: string; outcome: string; in_order: boolean }>(
    `SELECT target, outcome, ended_at >= lag(ended_at, 1, ended_at) OVER (PARTITION BY target ORDER BY run) AS in_order
       FROM dasy.runs`,
  )
  t.same(
    runs.filter(({ outcome, in_order }) => outcome !== 'completed' || !in_order),
    [],
    'every run is completed, in its order',
  )
  for (const table of TABLES) {
    const version = versions.get(table) as number
    t.same(await db.rows(`SELECT v, count(*) FROM ${table} GROUP BY v`), [{ v: `${version}`, count: ROWS }])
    const updated = await db.value<number>(
      `SELECT sum((rows ->> 'updated')::integer + (rows ->> 'inserted')::integer) FROM dasy.runs WHERE target = $1`,
      [table],
    )
    t.equal(updated, version * ROWS, 'each was applied once')
  }
  // What those have left that were killed at their very end.
  await enqueue('one')
  await queue.workOnce()
  await queue.leavesNothing()
})
