/** Which files a pattern means: as tinyglobby finds them in a folder. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { globSync } from 'tinyglobby'
import { belongs } from '../../lib/config/patterns.js'
import { folder } from '../support/files.js'

const FILES = [
  'a.csv',
  'b.csv',
  'ab.csv',
  'a.csv.gz',
  'a1.csv',
  'a-1.csv',
  'ä.csv',
  '.hidden.csv',
  'a.CSV',
  'in/a.csv',
  'in/b.txt',
  'in/.hidden/a.csv',
  'in/2024/01/a.csv',
  'in/2024/02/b.csv.gz',
  'in/2024/a',
  'with blank/a (1).csv',
  'a{b}.csv',
  'a[1].csv',
  'a+b$.csv',
]

const PATTERNS = [
  '*.csv',
  '*',
  '**',
  '**/*',
  '**/*.csv',
  'in/**',
  'in/**/*.csv',
  'in/*/*/*.csv',
  '**/2024/**/*.csv*',
  'in/**/a.csv',
  '?.csv',
  'a?.csv',
  '[ab].csv',
  '[!b].csv',
  '[a-b].csv',
  '[z-a].csv',
  'a[0-9].csv',
  '{a,b}.csv',
  '{a,b,{ab,a1}}.csv',
  '{a,in/**/b}.csv{,.gz}',
  'a{b}.csv',
  '.*.csv',
  'in/.hidden/*.csv',
  'a.csv',
  'with blank/*.csv',
  'a\\[1\\].csv',
  'a\\{b\\}.csv',
  'a+b$.csv',
  '**/a*',
  '*/a.csv',
]

t.test('a pattern fits the files that tinyglobby finds', async (t) => {
  const where = folder(t)
  for (const name of FILES) {
    mkdirSync(dirname(join(where, name)), { recursive: true })
    writeFileSync(join(where, name), '')
  }
  for (const pattern of PATTERNS) {
    const found = globSync(pattern, { cwd: where, expandDirectories: false })
    t.same(FILES.filter((name) => belongs(join(where, name), [pattern], where)).sort(), found.sort(), pattern)
  }
})

t.test('a pattern is relative to the configuration, not to where the command runs', async (t) => {
  const here = process.cwd()
  t.ok(belongs('in/a.csv', ['in/*.csv'], here))
  t.notOk(belongs('a.csv', ['in/*.csv'], here))
  t.ok(belongs('in/a.csv', ['*.csv'], join(here, 'in')))
  t.ok(belongs('a.csv', ['../*.csv'], join(here, 'in')))
  t.notOk(belongs('a.csv', ['**/*.csv'], join(here, 'in')), 'what lies above is not among the folders below')
  t.ok(belongs(join(here, 'a.csv'), ['./*.csv'], here))
  t.ok(belongs('a.csv', [`${here}/*.csv`], '/'), 'an absolute path is a pattern, too')
  t.notOk(belongs('/elsewhere/a.csv', ['**/*.csv', '**'], here), 'a relative pattern matches no other folder')
})

t.test('a name that looks like a pattern matches itself', async (t) => {
  for (const name of ['a (1).csv', 'a[1].csv', 'a{1,2}.csv', '+(a).csv'])
    t.ok(belongs(name, [name], '.'), name)
  t.ok(belongs('a1.csv', ['a[1].csv'], '.'), 'and what it means as a pattern')
})

t.test('a pattern without text matches nothing', async (t) => {
  for (const pattern of ['', '!', './']) t.notOk(belongs('a.csv', [pattern], '.'), pattern)
  t.ok(belongs('a.csv', ['*.csv', '!'], '.'))
})

t.test('an exclamation mark takes away, and one pattern that fits is enough', async (t) => {
  const patterns = ['*.csv', '!test*.csv', 'old/*.txt']
  t.ok(belongs('a.csv', patterns, '.'))
  t.ok(belongs('old/a.txt', patterns, '.'))
  t.notOk(belongs('test-1.csv', patterns, '.'))
  t.notOk(belongs('a.csv', [], '.'))
  t.notOk(belongs('a.csv', ['!b.csv'], '.'))
})

t.test('an archive fits with its entry or without, a URL without its query, a pipe never', async (t) => {
  t.ok(belongs('a.zip#in/b.csv', ['*.zip'], '.'))
  t.ok(belongs('a.zip#in/b.csv', ['a.zip#in/*.csv'], '.'))
  t.ok(belongs('https://example.com/feed/a.csv?signature=x/y.csv', ['https://example.com/feed/*.csv'], '.'))
  t.notOk(belongs('https://example.com/feed/a.txt?x=.csv', ['https://example.com/feed/*.csv'], '.'))
  t.notOk(belongs('-', ['*', '**'], '.'))
})
