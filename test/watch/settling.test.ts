/** When a file is whole, and what it is called where it is moved. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Config } from '../../lib/config/config.js'
import type { Dataset } from '../../lib/config/dataset.js'
import type { FoundFile } from '../../lib/watch/file.js'
import { watchedFolders } from '../../lib/watch/folders.js'
import { move, Replaced, TargetTaken } from '../../lib/watch/move.js'
import { Settling } from '../../lib/watch/settling.js'
import { companionTarget, freeTarget } from '../../lib/watch/targets.js'
import { folder } from '../support/files.js'

const dataset = { name: 'a', files: [], options: {}, views: [], watch: {} } as Dataset

function found(path: string, size = 1): FoundFile {
  const identity = { size, mtimeNs: '1', inode: path }
  return { path, place: 'a', dataset, identity, since: 0, companion: null }
}

const paths = (files: readonly FoundFile[]) => files.map(({ path }) => path)

t.test('a file is whole when it was seen unchanged for the time', async (t) => {
  const settling = new Settling(100)
  t.same(paths(settling.update([found('b'), found('a')], 0)), [])
  t.equal(settling.next(40), 60)
  t.same(paths(settling.update([found('b'), found('a', 2)], 99)), [])
  t.same(paths(settling.update([found('b'), found('a', 2)], 100)), ['b'])
  t.same(paths(settling.update([found('b'), found('a', 2)], 199)), ['b', 'a'], 'in the order of arrival')
  settling.again('b', 200)
  t.same(paths(settling.update([found('b'), found('a', 2)], 250)), ['a'])
  t.same(paths(settling.update([found('b')], 260)), [])
  t.same(paths(settling.update([found('b'), found('a', 2)], 300)), ['b'], 'one that was gone begins again')
})

t.test('those that arrive together are in the order of their names', async (t) => {
  const settling = new Settling(1)
  settling.update([found('c'), found('a'), found('b')], 0)
  t.same(paths(settling.update([found('b'), found('c'), found('a')], 1)), ['a', 'b', 'c'])
})

t.test('the folders are those of the patterns', async (t) => {
  const config = Config.parse(
    '/x/dasy.config.json',
    JSON.stringify({
      datasets: {
        a: { files: ['in/a-*.csv', '!in/a-0.csv', 'https://example.com/*.csv'] },
        b: { files: '/y/**/b.csv' },
        c: { files: ['in/c.csv', '*.csv', 'z/{d,e}/*.csv'] },
        d: { files: '/y/deep/d.csv' },
      },
    }),
  )
  t.same(watchedFolders([], config), [
    { path: '/x/in', isDeep: false },
    { path: '/y', isDeep: true },
    { path: '/x', isDeep: false },
    { path: '/x/z', isDeep: false },
  ])
  t.same(watchedFolders(['/y/some', '/x/in'], config), [
    { path: '/y/some', isDeep: true },
    { path: '/x/in', isDeep: false },
  ])
  t.throws(() => watchedFolders([], Config.parse('/x/c.json', '{}')), { code: 'BAD_OPTION' })
})

t.test('a target is free with everything beside it', async (t) => {
  const done = folder(t)
  const target = await freeTarget('/in/a.csv', done, '/in/a.ok')
  t.equal(target, join(done, 'a.csv'))
  writeFileSync(join(done, 'a.ok'), '')
  t.equal(await freeTarget('/in/a.csv', done, '/in/a.ok'), join(done, 'a-2.csv'))
  writeFileSync(join(done, 'a-2.csv.receipt.json'), '')
  t.equal(await freeTarget('/in/a.csv', done, '/in/a.ok'), join(done, 'a-3.csv'))
  t.equal(companionTarget('/in/a.csv', '/in/done/a-3.csv', '/in/a.ok'), '/in/done/a-3.ok')
  t.equal(companionTarget('/in/a.csv', '/in/done/a-3.csv', '/in/a.csv.ok'), '/in/done/a-3.csv.ok')
})

t.test('a file is moved, and never over another one', async (t) => {
  const [from, to] = ['a', 'done/a'].map((name) => join(folder(t), name)) as [string, string]
  mkdirSync(join(to, '..'))
  const [yes, no] = [async () => true, async () => false]
  writeFileSync(from, 'one')
  await move(from, to, yes)
  t.equal(readFileSync(to, 'utf8'), 'one')
  writeFileSync(from, 'two')
  t.type(await move(from, to, no).catch((error) => error), TargetTaken)
  t.equal(readFileSync(from, 'utf8'), 'two')
  const other = `${to}-2`
  writeFileSync(other, '')
  await move(from, other, yes)
  t.equal(readFileSync(other, 'utf8'), 'two', 'an empty file is what a killed process left')
  writeFileSync(from, 'three')
  t.type(await move(from, `${to}-3`, no).catch((error) => error), Replaced)
  t.equal(readFileSync(from, 'utf8'), 'three', 'what was put there meanwhile is given back')
  t.same(readdirSync(join(to, '..')), ['a', 'a-2'])
})
