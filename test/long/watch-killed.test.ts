import { chmodSync, renameSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { OwnServer, onServer } from '../run/kill/server.mjs'
import type { CliProcess } from '../support/cli-process.js'
import { TestDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { Chance } from '../support/history-model.js'
import { Inbox } from '../watch/inbox.js'

/**
 * Two watchers of one folder, on one host or on two that share it, are killed, stopped for a while, and lose their connections, and the
 * server is killed, at moments by chance, a hundred times, while files arrive. Afterwards every file is in one place, was loaded once,
 * and in its order. DASY_SEED repeats one.
 */

const SEED = Number(process.env.DASY_SEED ?? Math.floor(Math.random() * 2 ** 32))
const TIMES = Math.max(10, Math.round(100 * Number(process.env.DASY_LONG_SHARE ?? 1)))

t.test(`whatever happens to watchers (seed ${SEED})`, async (t) => {
  const chance = new Chance(SEED)
  const place = folder(t)
  chmodSync(place, 0o755) // for the server's user
  const server = await OwnServer.start({ folder: place, debian: 'DASY_TEST_DATABASE_URL' in process.env })
  t.teardown(() => server.destroy())
  const db = await TestDatabase.create(server.url(), 'killed_')
  t.teardown(() => db.drop())
  const inbox = await Inbox.of(t, {}, {}, db)
  const hosts = chance.below(2) === 0 ? ['a', 'a'] : ['a', 'b']
  inbox.configure({}, { shared: hosts[1] === 'b' ? [inbox.path()] : [] })
  const start = (index: number): CliProcess => {
    inbox.env = { DASY_HOST: hosts[index] as string }
    return inbox.watch()
  }
  let files = 0
  const drop = (): void => {
    files += 1
    const name = `products-${String(files).padStart(6, '0')}.csv`
    inbox.drop(`${name}.part`, `all,${files}`, `${files},${files}`)
    renameSync(inbox.path(`${name}.part`), inbox.path(name))
  }
  drop()
  const watchers: CliProcess[] = [start(0), start(1)]
  /** One that finds no server when it begins says so and ends. */
  const startAgain = (): void => {
    for (const [index, watcher] of watchers.entries()) if (watcher.isOver) watchers[index] = start(index)
  }
  const stopped = new Set<CliProcess>()
  for (let time = 0; time < TIMES; time++) {
    for (let more = chance.below(4); more > 0; more--) drop()
    await sleep(chance.below(400))
    const index = chance.below(watchers.length)
    const watcher = watchers[index] as CliProcess
    switch (chance.below(6)) {
      case 0:
      case 1:
        await watcher.kill()
        stopped.delete(watcher)
        watchers[index] = start(index)
        break
      case 2:
        watcher.send('SIGSTOP')
        stopped.add(watcher)
        break
      case 3:
        for (const each of stopped) each.send('SIGCONT')
        stopped.clear()
        break
      case 4:
        await server.down(chance.below(2) === 0 ? 'SIGKILL' : 'SIGQUIT')
        await sleep(chance.below(500))
        await server.up()
        startAgain()
        break
      default:
        await onServer(
          db.url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'dasy%'`,
        )
    }
  }
  startAgain()
  for (const each of stopped) each.send('SIGCONT')
  await (watchers[0] as CliProcess).until('all is filed', () => inbox.names().join() === 'done')
  for (const watcher of watchers) {
    const { status, stdout, stderr } = await watcher.interrupt()
    if (stdout.includes('watch.started'))
      t.match({ status, stderr }, { status: 0, stderr: /^((?!INTERNAL|at .*js:).)*$/s }, 'asked to stop', {
        stdout,
      })
  }

  const names = inbox.names('done')
  t.equal(names.filter((name) => name.endsWith('.csv')).length, files, 'each file is in one place')
  t.equal(names.filter((name) => name.endsWith('.receipt.json')).length, files, 'with its receipt')
  t.same(
    await db.rows(
      'SELECT outcome, count(*), count(DISTINCT path) AS paths FROM dasy.arrivals GROUP BY outcome',
    ),
    [{ outcome: 'loaded', count: files, paths: files }],
    'each was loaded once',
  )
  t.equal(await db.value(`SELECT count(*) FROM dasy.runs WHERE outcome = 'completed'`), files)
  t.equal(await db.value('SELECT count(*) FROM products'), files + 1)
  t.equal(
    await db.value(`SELECT name FROM products WHERE sku = 'all'`),
    `${files}`,
    'the last one was the last',
  )
})
