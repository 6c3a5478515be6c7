import { chmodSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { enqueue as enqueueLoad } from '../../lib/queue/enqueue.js'
import { enqueuePurge } from '../../lib/queue/enqueue-run.js'
import { OwnServer } from '../run/kill/server.mjs'
import { dasy } from '../support/cli.js'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { file, folder } from '../support/files.js'
import { Chance } from '../support/history-model.js'

/**
 * Workers are killed, stopped for a while, asked to end, and lose all their connections, and the server is killed, at moments by chance,
 * a hundred times. Afterwards every run is completed, in its order, and was applied once. DASY_SEED repeats one.
 */

const SEED = Number(process.env.DASY_SEED ?? Math.floor(Math.random() * 2 ** 32))
const TIMES = Math.max(10, Math.round(100 * Number(process.env.DASY_LONG_SHARE ?? 1)))
const WORKERS = 3
const TABLES = ['one', 'two', 'three']
/** Enough for several ranges. */
const ROWS = 6000

/** The rows of a table as they must be: the value of each key. */
type Oracle = Map<number, number>

t.test(`whatever happens to workers and server (seed ${SEED})`, async (t) => {
  const chance = new Chance(SEED)
  const place = folder(t)
  chmodSync(place, 0o755) // for the server's user
  const server = await OwnServer.start({ folder: place, debian: 'DASY_TEST_DATABASE_URL' in process.env })
  t.teardown(() => server.destroy())
  process.env.DASY_HOST = 'a'
  const env = { DATABASE_URL: server.url(), DASY_HOST: 'a' }
  const query = async <Row>(text: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: server.url(), application_name: 'test' })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  const oracle = new Map<string, Oracle>(TABLES.map((table) => [table, new Map()]))
  let version = 0
  /** What is enqueued counts for the oracle at once, because it is done in this order. */
  const enqueue = async (table: string): Promise<void> => {
    version += 1
    const rows = oracle.get(table) as Oracle
    if (rows.size > 0 && chance.below(5) === 0) {
      await enqueuePurge(table, { databaseUrl: server.url(), where: `id::integer % 7 = ${version % 7}` })
      for (const id of [...rows.keys()]) if (id % 7 === version % 7) rows.delete(id)
      return
    }
    // Each version is another value in each of its rows.
    const first = chance.below(ROWS)
    const ids = Array.from({ length: ROWS }, (_, i) => first + i)
    const text = `id,v,filler\n${ids.map((id) => `${id},${version},some text that fills it up`).join('\n')}\n`
    await enqueueLoad(file(t, text), { table, key: 'id', rangeSize: 40_000, databaseUrl: server.url() })
    for (const id of ids) rows.set(id, version)
  }
  for (const table of TABLES) await enqueue(table)
  ;(await dasy(['work', '--once', '--quiet'], { env })).expectStatus(0)
  for (const table of TABLES) for (let i = 0; i < 2; i++) await enqueue(table)

  const start = () =>
    CliProcess.start(t, ['work', '--json', '--concurrency', `${1 + chance.below(2)}`], { env })
  const workers: CliProcess[] = Array.from({ length: WORKERS }, start)
  const stopped = new Set<CliProcess>()
  /** One that finds no server when it begins says so and ends, without an event. */
  const startAgain = (): void => {
    for (const [index, worker] of workers.entries()) if (worker.isOver) workers[index] = start()
  }
  const check = ({ status, stdout, stderr }: Ending): void => {
    const found = { status, stderr }
    if (stdout.includes('work.started'))
      t.match(found, { status: 0, stderr: /^((?!INTERNAL|at .*js:).)*$/s }, 'asked to stop', { stdout })
  }
  const waiting = async (): Promise<number> => {
    const [row] = await query<{ count: string }>('SELECT count(*) FROM dasy.jobs WHERE waiting')
    return Number(row?.count)
  }
  for (let time = 0; time < TIMES; time++) {
    await sleep(chance.below(400))
    if ((await waiting()) < 6) await enqueue(TABLES[chance.below(TABLES.length)] as string)
    const index = chance.below(WORKERS)
    const worker = workers[index] as CliProcess
    switch (chance.below(7)) {
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
        check(await worker.ended)
        workers[index] = start()
        break
      }
      case 5:
        await server.down(chance.below(2) === 0 ? 'SIGKILL' : 'SIGQUIT')
        await sleep(chance.below(500))
        await server.up()
        startAgain()
        break
      default:
        await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE datname = current_database() AND application_name LIKE 'dasy%'`)
    }
  }
  for (const each of stopped) each.send('SIGCONT')
  startAgain()
  await (workers[0] as CliProcess).until('all is done', async () => (await waiting()) === 0)
  for (const worker of workers) worker.send('SIGTERM')
  for (const worker of workers) check(await worker.ended)

  const runs = await query<{ outcome: string; in_order: boolean }>(
    `SELECT run, target, outcome, error, ended_at >= lag(ended_at, 1, ended_at) OVER (PARTITION BY target ORDER BY run) AS in_order
       FROM dasy.runs`,
  )
  t.same(
    runs.filter(({ outcome, in_order }) => outcome !== 'completed' || !in_order),
    [],
    'every run is completed, in its order',
  )
  for (const [table, rows] of oracle) {
    const found = await query<{ id: string; v: string }>(`SELECT id, v FROM ${table}`)
    t.same(new Map(found.map(({ id, v }) => [Number(id), Number(v)])), rows, `${table} is as the oracle says`)
  }
  // What those have left that were killed at their very end.
  await enqueue('one')
  ;(await dasy(['work', '--once', '--quiet'], { env })).expectStatus(0)
  t.same(await query('SELECT * FROM dasy_queue.jobs'), [], 'no job')
  t.same(await query('SELECT run FROM dasy.jobs WHERE waiting OR worker IS NOT NULL'), [], 'nobody has a run')
  const staging = `SELECT relname FROM pg_class WHERE relnamespace = 'dasy'::regnamespace AND relname ~ 'staging|classified'`
  t.same(await query(staging), [], 'no staging')
})
