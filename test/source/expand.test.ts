import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { expandSources } from '../../lib/source/expand.js'
import { folder } from '../support/files.js'

t.test('a pattern means the files that match it, by name', async (t) => {
  const where = folder(t)
  for (const name of ['b.csv', 'a.csv', 'c.txt', '[x].csv', 'x.csv']) writeFileSync(join(where, name), '')
  const expand = async (...names: string[]) =>
    (await expandSources(names.map((name) => join(where, name)))).map((path) => path.slice(where.length + 1))
  t.same(await expand('?.csv'), ['a.csv', 'b.csv', 'x.csv'])
  t.same(await expand('c.txt', '{b,a}.csv'), ['c.txt', 'a.csv', 'b.csv'])
  t.same(await expand('[x].csv'), ['[x].csv'], 'a file with the name of the pattern is that file')
  await t.rejects(expand('*.tsv'), { code: 'FILE_NOT_FOUND' })
  await t.rejects(expand('a.csv', '*.csv'), { code: 'SOURCE_TWICE', message: /a\.csv is named twice/ })
})

t.test('names that are no patterns stay, whether the file exists or not', async (t) => {
  const names = ['-', 'https://example.com/*.csv', 'no-such.csv', 'a.zip#in/b.csv']
  t.same(await expandSources(names), names)
})

t.test('an error does not show the secrets of a URL', async (t) => {
  const url = 'https://user:secret@example.com/a.csv?signature=secret'
  await t.rejects(expandSources([url, url]), {
    code: 'SOURCE_TWICE',
    message: 'https://example.com/a.csv is named twice',
  })
})
