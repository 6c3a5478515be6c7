/** Files with odd names, and files that are not what they seem. */
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CliProcess, ordinaryUser } from '../support/cli-process.js'
import { eventsIn, filesIn, Inbox } from '../watch/inbox.js'

const LONG = `products-${'é'.repeat(120)}.csv`

t.test('whatever characters a name has, the file is loaded under it', async (t) => {
  const inbox = await Inbox.of(t)
  const names = [
    'products- a  b .csv',
    'products-line\nend\t.csv',
    `products-'"$(id)\\.csv`,
    'products-[1]{a,b}*?!.csv',
    'products-%41#?x=1.csv',
    'products-\u{1f600}.csv',
    LONG,
  ]
  for (const [index, name] of names.entries()) inbox.drop(name, `${index},${index}`)
  const events = await inbox.once()
  t.equal(events.filter(({ type }) => type === 'file.loaded').length, names.length)
  t.same(inbox.names(), ['done'])
  const done = inbox.names('done').filter((name) => name.endsWith('.csv'))
  t.equal(done.length, names.length)
  for (const name of names) if (name !== LONG) t.ok(done.includes(name), JSON.stringify(name))
  t.ok(
    inbox.names('done').includes(`${done.find((name) => name.startsWith('products-éé'))}.receipt.json`),
    'a name leaves room for its receipt',
  )
  t.equal((await inbox.skus()).length, names.length)
  inbox.drop('products-line\nend.csv', 'a,Ann')
  const { stdout } = (await inbox.try(['watch', '--once', '--settle', '0'])).expectStatus(0)
  t.ok(
    stdout.split('\n').every((line) => line === '' || /^\d{4}-\d\d-\d\d /.test(line)),
    'an event is one line',
  )
})

t.test('names that are no UTF-8 are told once, and hold up nothing', async (t) => {
  const inbox = await Inbox.of(t, { files: 'in/**/products-*.csv' })
  const bad = Buffer.concat([Buffer.from(inbox.path('products-')), Buffer.from([0xff]), Buffer.from('.csv')])
  const badFolder = Buffer.concat([Buffer.from(inbox.path('sub-')), Buffer.from([0xe9])])
  writeFileSync(bad, 'sku,name\nb,Bob\n')
  mkdirSync(badFolder)
  writeFileSync(Buffer.concat([badFolder, Buffer.from('/products-1.csv')]), 'sku,name\nc,Cid\n')
  inbox.drop('products-1.csv', 'a,Ann')
  const watcher = inbox.watch()
  await watcher.until('the other file is loaded', () => watcher.stdout.includes('"file.loaded"'))
  inbox.drop('products-2.csv', 'd,Dan')
  await watcher.until('and the next one', () => inbox.names('done').includes('products-2.csv'))
  const events = eventsIn((await watcher.interrupt()).stdout)
  const ignored = events.filter(({ type }) => type === 'file.ignored')
  t.same(
    ignored.map(({ data }) => `${data.file}: ${data.message}`).sort(),
    ['in/products-\ufffd.csv', 'in/sub-\ufffd'].map((file) => `${file}: its name is not UTF-8; rename it`),
    'once each',
  )
  t.equal(readdirSync(inbox.path(), 'buffer').length, 3, 'they stay')
  renameSync(bad, inbox.path('products-3.csv'))
  t.ok(filesIn(await inbox.once()).includes('file.loaded in/products-3.csv'))
})

t.test('a file that may not be read has failed', { skip: ordinaryUser === undefined }, async (t) => {
  const inbox = await Inbox.of(t)
  const { uid, gid } = ordinaryUser as { uid: number; gid: number }
  inbox.drop('products-1.csv', 'a,Ann')
  inbox.drop('products-2.csv', 'b,Bob')
  chmodSync(inbox.path('products-1.csv'), 0o000)
  for (const path of [inbox.cwd, inbox.path()]) {
    chmodSync(path, 0o755)
    chownSync(path, uid, gid)
  }
  const args = ['watch', '--once', '--json', '--settle', '0']
  const env = { DATABASE_URL: inbox.db.url, DASY_HOST: 'a' }
  const { status, stdout } = await CliProcess.start(t, args, { cwd: inbox.cwd, env, as: ordinaryUser }).ended
  t.equal(status, 1)
  const failed = eventsIn(stdout).find(({ type }) => type === 'file.failed')
  t.match(failed?.data, { file: 'in/products-1.csv', run: null, error: { code: 'FILE_UNREADABLE' } })
  t.same(inbox.names('failed'), ['products-1.csv', 'products-1.csv.receipt.json'])
  t.same(await inbox.skus(), ['b'])
})

t.test('a link out of the folder is followed only if that is asked for', async (t) => {
  const inbox = await Inbox.of(t)
  const outside = join(inbox.cwd, 'secret.csv')
  writeFileSync(outside, 'sku,name\na,Ann\n')
  symlinkSync('../secret.csv', inbox.path('products-1.csv'))
  t.match(await inbox.once(), [
    { type: 'watch.started' },
    { type: 'file.ignored', data: { message: /symbolic link/ } },
    { type: 'watch.stopped' },
  ])
  t.ok(filesIn(await inbox.once(0, '--follow-links')).includes('file.loaded in/products-1.csv'))
  t.same(inbox.names('done'), ['products-1.csv', 'products-1.csv.receipt.json'])
  t.same(readdirSync(inbox.cwd).includes('secret.csv'), true, 'the file itself stays')
})
