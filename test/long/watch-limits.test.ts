/** What limits of the system do: of events, of disks, of memory for names; and clocks that are set. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { WatchEvent } from '../../lib/contract/watch-events.js'
import { watch } from '../../lib/watch/watch.js'
import { filesIn, Inbox } from '../watch/inbox.js'

const HOUR = 3_600_000

const works = (...args: string[]): boolean => spawnSync('unshare', args, { stdio: 'ignore' }).status === 0

for (const limit of ['max_inotify_watches', 'max_inotify_instances']) {
  const none = `echo 0 > /proc/sys/user/${limit}`
  const skip = works('-Ur', 'sh', '-c', none) ? false : 'no user namespace can be made here'
  t.test(`without any of ${limit} it only looks now and then, and says so`, { skip }, async (t) => {
    const inbox = await Inbox.of(t)
    const watcher = inbox.watchIn(['unshare', '-Ur', 'sh', '-c', `${none} && exec "$@"`, 'sh'])
    await watcher.until('it says so', () => watcher.stdout.includes('"folder.polled"'))
    inbox.drop('products-1.csv', 'a,Ann')
    await watcher.until('the file is loaded', () => watcher.stdout.includes('"file.loaded"'))
    const { status, stdout } = await watcher.interrupt()
    t.equal(status, 0)
    t.equal(stdout.split('"folder.polled"').length, 2, 'once')
  })
}

/** Only root may mount, and only in some containers. */
const canMount = works('--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')
const skip = canMount ? false : 'nothing can be mounted here'

function mount(t: Test, ...args: string[]): () => void {
  const to = args.at(-1) as string
  const run = (...command: [string, ...string[]]) =>
    spawnSync(command[0], command.slice(1), { stdio: 'ignore' })
  run('mount', ...args)
  const unmount = (): void => void run('umount', '-l', to)
  t.teardown(unmount)
  return unmount
}

t.test('on a full disk a file waits with its receipt, and is loaded once', { skip }, async (t) => {
  const inbox = await Inbox.of(t)
  mount(t, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', inbox.path())
  inbox.drop('products-1.csv', 'a,Ann')
  mkdirSync(inbox.path('done'))
  spawnSync('dd', ['if=/dev/zero', `of=${inbox.path('other')}`, 'bs=4096'], { stdio: 'ignore' })
  const full = await inbox.once()
  t.match(full.find(({ type }) => type === 'file.waiting')?.data, { message: /ENOSPC/ })
  t.ok(inbox.names().includes('products-1.csv'))
  rmSync(inbox.path('other'))
  const events = filesIn(await inbox.once())
  t.same(events, ['file.loaded in/products-1.csv'])
  t.equal(await inbox.db.value('SELECT count(*) FROM dasy.runs'), 1)
  t.same(inbox.names('done'), ['products-1.csv', 'products-1.csv.receipt.json'])
})

t.test('a folder that is unmounted while its file waits loses nothing', { skip }, async (t) => {
  const inbox = await Inbox.of(t)
  const share = join(inbox.cwd, 'share')
  mkdirSync(share)
  const unmount = mount(t, '--bind', share, inbox.path())
  inbox.drop('products-1.csv', 'a,Ann')
  await inbox.once(0, '--no-work')
  unmount()
  t.same(filesIn(await inbox.once(1)), [], 'its load fails, but the file is not given up')
  mount(t, '--bind', share, inbox.path())
  await inbox.once()
  t.same(inbox.names(), ['done'])
  t.same(await inbox.skus(), ['a'])
})

t.test('clocks that jump neither hurry nor hold up a file', async (t) => {
  const inbox = await Inbox.of(t, { files: join('in', 'products-*.csv'), alertAfter: '1h' })
  const now = Date.now
  let jump = 0
  Date.now = () => now() + jump
  t.teardown(() => {
    Date.now = now
  })
  const events: WatchEvent[] = []
  const stopping = new AbortController()
  const watching = watch([inbox.path()], {
    databaseUrl: inbox.db.url,
    config: join(inbox.cwd, 'dasy.config.json'),
    settle: 0.3,
    poll: 0.1,
    signal: stopping.signal,
    onWatchEvent: (event) => {
      events.push(event)
      // How long a file has been there is only asked when it is first seen.
      if (event.type === 'file.enqueued') jump = 48 * HOUR
    },
  })
  const isLoaded = () => events.filter(({ type }) => type === 'file.loaded').length
  for (const [index, year] of [1970, 2099].entries()) {
    jump = -1000 * HOUR
    inbox.drop(`products-${index}.csv`, `${index},${index}`)
    const time = new Date(`${year}-01-02`)
    utimesSync(inbox.path(`products-${index}.csv`), time, time)
    while (isLoaded() <= index) await sleep(20)
  }
  stopping.abort()
  await watching
  t.same(
    events.filter(({ type }) => type.startsWith('alert.')),
    [],
    'none is late',
  )
})

t.test('a file that grows slowly, and one that is cut off, are loaded as they are in the end', async (t) => {
  const inbox = await Inbox.of(t)
  const watcher = inbox.watch('--settle', '1')
  const text = 'sku,name\na,Ann\nb,Bob\nc,Cid\n'
  for (let end = 5; end <= text.length; end += 5) {
    writeFileSync(inbox.path('products-1.csv'), text.slice(0, end))
    await sleep(50)
  }
  writeFileSync(inbox.path('products-1.csv'), text)
  await sleep(100)
  t.notMatch(watcher.stdout, 'file.enqueued', 'nothing yet')
  writeFileSync(inbox.path('products-1.csv'), text.slice(0, text.indexOf('c,')))
  await watcher.until('it is loaded', () => watcher.stdout.includes('"file.loaded"'))
  await watcher.interrupt()
  t.same(await inbox.skus(), ['a', 'b'])
  t.equal(await inbox.db.value('SELECT count(*) FROM dasy.runs'), 1)
})
