/** What `dasy watch --once` does with the files that lie there, with the real binary. */
import { appendFileSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { filesIn, Inbox } from '../watch/inbox.js'

t.test('files are loaded in the order of their names and move to done with their receipts', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-2.csv', 'b,Bob')
  inbox.drop('products-1.csv', 'a,Ann')
  const events = await inbox.once()
  t.same(filesIn(events), [
    'file.enqueued in/products-1.csv',
    'file.enqueued in/products-2.csv',
    'file.loaded in/products-1.csv',
    'file.loaded in/products-2.csv',
  ])
  t.same(inbox.names(), ['done'])
  t.same(inbox.names('done'), [
    'products-1.csv',
    'products-1.csv.receipt.json',
    'products-2.csv',
    'products-2.csv.receipt.json',
  ])
  t.match(inbox.receipt('done', 'products-1.csv'), { run: 1, status: 'completed', rows: { inserted: 1 } })
  t.same(await inbox.skus(), ['a', 'b'])
  t.same(filesIn(await inbox.once()), [], 'a second time there is nothing to do')
})

t.test('the content of the last file is not loaded again, but that of an earlier one is', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  await inbox.once()
  inbox.drop('products-2.csv', 'a,Ann')
  t.same(filesIn(await inbox.once()), ['file.same in/products-2.csv'])
  t.match(inbox.receipt('done', 'products-2.csv'), { run: 1, status: 'unchanged', error: null })
  inbox.drop('products-3.csv', 'a,Eve')
  inbox.drop('products-4.csv', 'a,Ann')
  const events = filesIn(await inbox.once())
  t.ok(events.includes('file.loaded in/products-3.csv'))
  t.ok(events.includes('file.loaded in/products-4.csv'), 'another content was in between')
  t.equal(await inbox.db.value('SELECT name FROM products'), 'Ann')
})

t.test('two files of one content that arrive together are loaded once', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  inbox.drop('products-2.csv', 'a,Ann')
  inbox.drop('products-3.csv', 'a,Eve')
  const events = await inbox.once()
  t.same(
    filesIn(events).filter((line) => !line.startsWith('file.enqueued')),
    ['file.loaded in/products-1.csv', 'file.same in/products-2.csv', 'file.loaded in/products-3.csv'],
  )
  t.equal(await inbox.db.value('SELECT name FROM products'), 'Eve')
})

t.test('content is loaded again after its run was undone, and if the dataset says so', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  await inbox.once()
  ;(await inbox.try(['undo', '1'])).expectStatus(0)
  inbox.drop('products-2.csv', 'a,Ann')
  t.ok(filesIn(await inbox.once()).includes('file.loaded in/products-2.csv'))
  inbox.configure({ reload: true })
  inbox.drop('products-3.csv', 'a,Ann')
  t.ok(filesIn(await inbox.once()).includes('file.loaded in/products-3.csv'))
})

t.test('what is not loaded moves to failed, with its reason', async (t) => {
  const inbox = await Inbox.of(t)
  writeFileSync(inbox.path('products-1.csv'), 'name\nNo key\n')
  writeFileSync(inbox.path('products-2.csv'), '%PDF-1.7 no CSV at all')
  inbox.drop('products-3.csv', 'a,Ann')
  const events = await inbox.once(1)
  const done = filesIn(events)
  t.ok(done.includes('file.failed in/products-1.csv'))
  t.ok(done.includes('file.failed in/products-2.csv'))
  t.ok(done.includes('file.loaded in/products-3.csv'), 'it does not hold back the others')
  t.match(inbox.receipt('failed', 'products-1.csv'), {
    run: Number,
    status: 'failed',
    error: { code: 'KEY_COLUMN_MISSING' },
  })
  t.match(inbox.receipt('failed', 'products-2.csv'), { status: 'failed', error: { code: String } })
  t.same(inbox.names(), ['done', 'failed'])
})

t.test('a load over the limit ends with exit status 3, and its rejects lie beside the file', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann', 'b,Bob,too many')
  await inbox.once(3)
  t.match(inbox.receipt('failed', 'products-1.csv'), {
    status: 'rejected',
    error: { code: 'TOO_MANY_REJECTS' },
  })
  inbox.configure({ maxRejects: 1 })
  inbox.drop('products-2.csv', 'a,Ann', 'b,Bob,too many')
  await inbox.once()
  t.ok(inbox.names('done').includes('products-2.csv.rejects.csv'))
})

t.test('nothing is overwritten', async (t) => {
  const inbox = await Inbox.of(t)
  for (const name of ['Ann', 'Bob', 'Eve']) {
    inbox.drop('products-.csv', `a,${name}`)
    await inbox.once()
  }
  const files = inbox.names('done').filter((name) => name.endsWith('.csv'))
  t.same(files, ['products--2.csv', 'products--3.csv', 'products-.csv'])
})

t.test(
  'unfinished names, other files, links and subfolders are left alone, and that is said once',
  async (t) => {
    const inbox = await Inbox.of(t)
    for (const name of ['.products-1.csv', 'products-1.csv.part', 'products-1.csv.tmp'])
      inbox.drop(name, 'a,Ann')
    inbox.drop('other.csv', 'a,Ann')
    symlinkSync('other.csv', inbox.path('products-2.csv'))
    mkdirSync(inbox.path('sub'))
    inbox.drop('sub/products-3.csv', 'a,Ann')
    const before = inbox.names()
    const events = filesIn(await inbox.once())
    t.same(events.sort(), ['file.ignored in/other.csv', 'file.ignored in/products-2.csv'])
    t.same(inbox.names(), before)
    renameSync(inbox.path('products-1.csv.part'), inbox.path('products-1.csv'))
    t.ok(filesIn(await inbox.once()).includes('file.loaded in/products-1.csv'))
  },
)

t.test('a pattern with ** is about the folders below as well', async (t) => {
  const inbox = await Inbox.of(t, { files: 'in/**/products-*.csv' })
  mkdirSync(inbox.path('a/b'), { recursive: true })
  inbox.drop('a/b/products-1.csv', 'a,Ann')
  await inbox.once()
  t.same(inbox.names('a', 'b', 'done').length, 2)
  t.same(filesIn(await inbox.once()), [], 'what lies in done is no arrival')
})

t.test('a file waits for its companion, which moves along', async (t) => {
  const inbox = await Inbox.of(t, { done: '*.ok' })
  inbox.drop('products-1.csv', 'a,Ann')
  inbox.drop('products-2.csv', 'b,Bob')
  t.same(filesIn(await inbox.once()), [])
  writeFileSync(inbox.path('products-1.csv.ok'), '')
  writeFileSync(inbox.path('products-2.ok'), '')
  await inbox.once()
  t.same(inbox.names(), ['done'])
  for (const name of ['products-1.csv', 'products-1.csv.ok', 'products-2.csv', 'products-2.ok'])
    t.ok(inbox.names('done').includes(name), name)
})

t.test('with --keep files stay, and are loaded once for each content', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  inbox.drop('products-2.csv', 'b,Bob')
  await inbox.once(0, '--keep')
  t.same(inbox.names(), ['products-1.csv', 'products-2.csv'])
  t.same(filesIn(await inbox.once(0, '--keep')), [])
  utimesSync(inbox.path('products-1.csv'), 1, 1)
  t.same(filesIn(await inbox.once(0, '--keep')), ['file.same in/products-1.csv'])
  appendFileSync(inbox.path('products-1.csv'), 'c,Cid\n')
  t.ok(filesIn(await inbox.once(0, '--keep')).includes('file.loaded in/products-1.csv'))
  t.same(await inbox.skus(), ['a', 'b', 'c'])
})

t.test('with --no-work the load is left to a worker, and the file is filed later', async (t) => {
  const inbox = await Inbox.of(t)
  inbox.drop('products-1.csv', 'a,Ann')
  t.same(filesIn(await inbox.once(0, '--no-work')), ['file.enqueued in/products-1.csv'])
  ;(await inbox.try(['work', '--once'])).expectStatus(0)
  t.same(filesIn(await inbox.once(0, '--no-work')), ['file.loaded in/products-1.csv'])
})
