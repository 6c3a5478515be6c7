/** A watcher that goes on, with files that are written as suppliers do. */
import { appendFileSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import t from 'tap'
import { eventsIn, filesIn, Inbox } from './inbox.js'

t.test('files are loaded as they arrive, whichever way they are written', async (t) => {
  const inbox = await Inbox.of(t)
  const watcher = inbox.watch()
  const isLoaded = (name: string) => () =>
    watcher.stdout.includes(`"file.loaded","data":{"file":"in/${name}"`)
  await watcher.until('it watches', () => watcher.stdout.includes('watch.started'))
  inbox.drop('products-1.csv.part', 'a,Ann')
  renameSync(inbox.path('products-1.csv.part'), inbox.path('products-1.csv'))
  await watcher.until('the renamed file is loaded', isLoaded('products-1.csv'))
  inbox.drop('products-2.csv', 'b,Bob')
  for (const name of 'cde') appendFileSync(inbox.path('products-2.csv'), `${name},${name}\n`)
  await watcher.until('the file written in place is loaded', isLoaded('products-2.csv'))
  t.same(await inbox.skus(), ['a', 'b', 'c', 'd', 'e'])
  const { status, stdout } = await watcher.interrupt()
  t.equal(status, 0)
  t.equal(eventsIn(stdout).at(-1)?.type, 'watch.stopped')
  t.same(await inbox.db.lastingStrangers(), [], 'no session')
})

t.test(
  'a file that a process has open for writing waits',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const inbox = await Inbox.of(t)
    // This process holds it, the watcher is another one.
    const fd = openSync(inbox.path('products-1.csv'), 'w')
    writeSync(fd, 'sku,name\na,Ann\n')
    t.same(filesIn(await inbox.once()), [])
    t.same(inbox.names(), ['products-1.csv'])
  },
)

t.test('a file is in its place when it is loaded, not when the last one is', async (t) => {
  const datasets = Object.fromEntries(
    ['products', 'names'].map((name) => [name, { files: `in/${name}-*.csv`, key: 'sku', table: name }]),
  )
  const inbox = await Inbox.of(t, {}, { datasets })
  inbox.drop('names-1.csv', 'a,Ann')
  await inbox.once()
  const holder = await inbox.db.client()
  await holder.query('BEGIN; LOCK TABLE names IN SHARE MODE')
  inbox.drop('names-2.csv', 'b,Bob')
  inbox.drop('products-1.csv', 'a,Ann')
  const watcher = inbox.watch('--once', '--concurrency', '2')
  await watcher.until('the file that could be loaded is moved', () =>
    inbox.names('done').includes('products-1.csv'),
  )
  t.ok(inbox.names().includes('names-2.csv'), 'the other one waits for its table')
  await holder.query('ROLLBACK')
  t.equal((await watcher.ended).status, 0)
  t.same(inbox.names(), ['done'])
})

t.test('the folder may come later, and go', async (t) => {
  const inbox = await Inbox.of(t)
  rmSync(inbox.path(), { recursive: true })
  const watcher = inbox.watch()
  await watcher.until('it says so', () => watcher.stdout.includes('folder.unreadable'))
  mkdirSync(inbox.path())
  inbox.drop('products-1.csv', 'a,Ann')
  await watcher.until('the file is loaded', () => watcher.stdout.includes('"file.loaded"'))
  t.match(watcher.stdout, /folder\.readable/)
  rmSync(inbox.path(), { recursive: true })
  mkdirSync(inbox.path())
  inbox.drop('products-2.csv', 'b,Bob')
  await watcher.until('the second file is loaded', async () => (await inbox.skus()).length === 2)
})

t.test('a watcher that is killed leaves its files to the next one', async (t) => {
  const inbox = await Inbox.of(t)
  for (let number = 0; number < 20; number++) inbox.drop(`products-${number}.csv`, `${number},${number}`)
  for (const lines of [1, 5, 12]) {
    const watcher = inbox.watch()
    await watcher.until('it has begun', () => watcher.stdout.split('\n').length > lines)
    await watcher.kill()
  }
  const watcher = inbox.watch()
  await watcher.until('all is done', () => inbox.names().join() === 'done')
  await watcher.interrupt()
  const files = inbox.names('done').filter((name) => name.endsWith('.csv'))
  t.equal(files.length, 20, 'each file is in one place')
  t.equal((await inbox.skus()).length, 20)
  const twice = `SELECT path FROM dasy.arrivals WHERE outcome = 'loaded' GROUP BY path HAVING count(*) > 1`
  t.same(await inbox.db.rows(twice), [], 'nothing was loaded twice')
})

t.test('a file that is replaced while it is loaded is loaded as it is then', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  await inbox.once(0, '--no-work')
  writeFileSync(inbox.path('products-1.csv'), 'sku,name\nb,Bob\n')
  const watcher = inbox.watch()
  await watcher.until('the new one is loaded', () => inbox.names('done').includes('products-1.csv'))
  await watcher.interrupt()
  t.same(await inbox.skus(), ['b'])
})
