import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'

const TITLE = 'Report of 2025-01-06\nid;shop;price\n1;A;1.859\n2;B;1.799\n'
const HTML = 'sku\thtml\n1\t<p class="x">a</p>\n2\t<p class="x">b</p>\n'
const LATE = `sku,name\n${Array.from({ length: 300 }, (_, n) => `${n},"n ${n}"\n`).join('')}a,"say \\"hi\\" now"\nb,"x \\"y\\""\n`

t.test('doubts reach standard error, the receipt, the run, and the error that follows', async (t) => {
  const db = await testDatabase(t)
  const cwd = folder(t)
  const options = { env: { DATABASE_URL: db.url }, cwd }
  const run = (...args: string[]) => dasy(args, options)
  writeFileSync(join(cwd, 'html.tsv'), HTML)
  writeFileSync(join(cwd, 'title.csv'), TITLE)
  writeFileSync(join(cwd, 'late.csv'), LATE)
  writeFileSync(join(cwd, 'padded.csv'), 'Price list,,\nsku,name,price\n1,a,2\n')
  writeFileSync(join(cwd, 'gap.csv'), 'Price list,,2025\nsku,name,price\n1,a,2\n')
  writeFileSync(join(cwd, 'names.csv'), `sku,name,name,,${'x'.repeat(70)}\n1,a,b,c,d\n`)

  const loaded = (await run('ingest', 'html.tsv', '-t', 'html', '--json')).expectStatus(0)
  const receipt = JSON.parse(loaded.stdout)
  t.match(receipt.doubts, [/--quote decides$/])
  t.match(loaded.stderr, /html\.tsv: not sure of the quote: .*--quote decides/)
  t.same(await db.rows('SELECT html FROM html ORDER BY sku'), [
    { html: '<p class="x">a</p>' },
    { html: '<p class="x">b</p>' },
  ])
  const { stdout } = (await run('runs', String(receipt.run), '--json')).expectStatus(0)
  t.same([JSON.parse(stdout)].flat()[0].doubts, receipt.doubts, 'stored with the run')

  const noKey = (await run('ingest', 'title.csv', '-t', 't')).expectStatus(1)
  t.match(noKey.stderr, /no column "sku".*\n.*--skip-lines 1/)
  t.notMatch(noKey.stderr, /:row/)
  const rejected = (await run('ingest', 'title.csv', '-t', 't', '--key', ':row')).expectStatus(3)
  t.match(rejected.stderr, /3 of 3 records cannot be loaded[\s\S]*--skip-lines 1/)
  t.notMatch(rejected.stderr, /--max-rejects 3/)
  const padded = (await run('ingest', 'padded.csv', '--json')).expectStatus(1)
  t.match(JSON.parse(padded.stdout).error, {
    code: 'KEY_COLUMN_MISSING',
    hint: /"sku,name,price"; --skip-lines 1/,
  })
  const header = (await run('ingest', 'gap.csv', '--json')).expectStatus(1)
  t.match(JSON.parse(header.stdout).error, { code: 'BAD_HEADER', hint: /--skip-lines 1.*--map 2=NAME/ })

  const late = (await run('ingest', 'late.csv', '-t', 'late')).expectStatus(3)
  t.match(late.stderr, /2 of 2 rejected records would be valid with --escape '\\'\./)

  const badNames = (await run('ingest', 'names.csv', '-t', 'names')).expectStatus(1)
  t.match(badNames.stderr, /names the column "name" twice.*\n.*--map 3=NAME.*--ignore 3/)
  const map = ['--map', '3=title', '--ignore', '4', '--map', '5=long']
  ;(await run('ingest', 'names.csv', '-t', 'names', ...map)).expectStatus(0)
  t.same(await db.rows('SELECT * FROM names'), [{ sku: '1', name: 'a', title: 'b', long: 'd' }])
  ;(await run('ingest', 'names.csv', '-t', 'less', '--ignore', 'name,4,5')).expectStatus(0)
  t.same(await db.rows('SELECT * FROM less'), [{ sku: '1' }])

  const past = (await run('ingest', 'html.tsv', '-t', 't', '--skip-lines', '9')).expectStatus(1)
  t.match(past.stderr, /after the 9 skipped lines[\s\S]*--skip-lines 9/)
})

t.test('the load that inspect proposes loads the file', async (t) => {
  const db = await testDatabase(t)
  const cwd = folder(t)
  const files: [name: string, content: string | Buffer, line: RegExp, rows: number][] = [
    ['title.csv', TITLE, /--skip-lines 1 .*--key id/, 2],
    ['html.tsv', HTML, /--quote none/, 2],
    ['late.csv', LATE, /--escape '\\'/, 302],
    ['latin.csv', Buffer.from('sku,name\n1,caf\xe9\n2,b\n', 'latin1'), /--encoding WIN1252/, 2],
    ['caret.csv', 'id^name\n1^a\n2^b\n', /--delimiter '\^'/, 2],
    ['blanks.csv', 'sku, name\n1, "a, b"\n2, "c"\n', /--trim/, 2],
    ['wide.csv', Buffer.from('sku,\u540d\n1,\u65e5\u672c\n2,\u8a9e\n', 'utf16le'), /ingest wide\.csv/, 2],
  ]
  for (const [name, content, line, rows] of files) {
    writeFileSync(join(cwd, name), content)
    const { stdout } = (await dasy(['inspect', name], { cwd })).expectStatus(0)
    const proposed = stdout.trimEnd().split('\n').at(-1) ?? ''
    t.match(proposed, line, name)
    const words = (proposed.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'|'$/g, ''))
    await db.run('DROP TABLE IF EXISTS loaded')
    const load = [
      ...words.filter((_, n) => words[n] !== '--table' && words[n - 1] !== '--table'),
      '-t',
      'loaded',
    ]
    ;(await dasy(load, { cwd, env: { DATABASE_URL: db.url } })).expectStatus(0)
    t.equal(Number(await db.value('SELECT count(*) FROM loaded')), rows, `${name}: ${proposed}`)
  }
})
