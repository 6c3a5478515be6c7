import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsForPeople, failsForPrograms } from '../support/cli-failure.js'
import { CliProcess, hasTerminal } from '../support/cli-process.js'
import { Workplace } from '../support/cli-workplace.js'
import { testDatabase } from '../support/database.js'
import { file, folder, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'

/** Bad records and stopped runs, from where a user sits. */

const BAD = 'sku,name\r\na,Ann\r\nb\r\nc,"Cy\r\nd,"Di\r\nana"\r\n'

t.test('from bad records to a mended file, as the messages say', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url }, cwd: folder(t) }
  const source = file(t, BAD)
  const says = [
    /line 3 \(byte 17\): too few fields: 1 of 2/,
    /line 4 \(byte 20\): quote never closed/,
    'dasy rejects 1',
  ]
  await failsForPeople(
    t,
    ['ingest', source],
    { status: 3, says: [...says, 'dasy resume 1 --max-rejects 2'] },
    options,
  )

  const listed = (await dasy(['rejects', '1'], options)).expectStatus(0)
  t.equal(
    listed.stdout,
    'line,byte,reason,record\n3,17,too few fields: 1 of 2,b\n4,20,quote never closed,"c,""Cy"\n',
  )
  const json = (await dasy(['rejects', '1', '--json'], options)).expectStatus(0).stdout
  t.match(
    json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { line: 3, byte: 17, reason: 'too few fields: 1 of 2', record: 'b', complete: true },
      { line: 4, byte: 20, reason: 'quote never closed', record: 'c,"Cy', complete: true },
    ],
  )
  const raw = (await dasy(['rejects', '1', '--raw'], options)).expectStatus(0).stdout
  t.equal(raw, 'sku,name\r\nb\r\nc,"Cy\r\n', 'lines end as they do in the file')

  const one = ['resume', '1', '--max-rejects', '1', '--json']
  await failsForPrograms(t, one, { status: 3, code: 'TOO_MANY_REJECTS', says: [] }, options)
  const receipt = (await dasy(['resume', '1', '--max-rejects', '2', '--json'], options))
    .expectStatus(0)
    .json()
  t.match(receipt, { run: 1, command: 'ingest', rows: { read: 4, rejected: 2, inserted: 2 } })

  const mended = join(options.cwd, 'mended.csv')
  writeFileSync(mended, raw.replace('b\r\n', 'b,Bob\r\n').replace('"Cy', 'Cy'))
  t.match((await dasy(['ingest', mended, '--json'], options)).json(), { rows: { read: 2, inserted: 2 } })
  t.same(await db.rows('SELECT sku, name FROM products ORDER BY sku'), [
    { sku: 'a', name: 'Ann' },
    { sku: 'b', name: 'Bob' },
    { sku: 'c', name: 'Cy' },
    { sku: 'd', name: 'Di\r\nana' },
  ])
  const none = (await dasy(['rejects', '2'], options)).expectStatus(0)
  t.equal(none.stdout, 'line,byte,reason,record\n', 'a run without rejects has none')
  await assertNothingLeft(t, db)
})

t.test(
  'a terminal is shown no control characters, a file gets the bytes',
  { skip: !hasTerminal() },
  async (t) => {
    const db = await testDatabase(t)
    const url = ['--database-url', db.url]
    await dasy(['ingest', file(t, 'sku,name\na,\u001b[31mred\u001b[0m,\u009b1m\n'), ...url])
    const shown = await CliProcess.start(t, ['rejects', '1', ...url], { columns: 100 }).ended
    t.equal(shown.status, 0)
    t.match(shown.stdout, '\ufffd[31mred\ufffd[0m')
    t.notOk(shown.stdout.includes('\u001b') || shown.stdout.includes('\u009b'))
    t.match((await dasy(['rejects', '1', ...url])).stdout, '\u001b[31mred\u001b[0m,\u009b1m')
  },
)

t.test('stopped runs are shown with the way to go on, and discarded', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  await dasy(['ingest', file(t, BAD)], options)
  t.match((await dasy(['runs', '1'], options)).stdout, 'resumable: dasy resume 1 --max-rejects 2')
  t.equal((await dasy(['runs', 'clean', '--older-than', '1h'], options)).stdout, 'discarded no run\n')
  t.match(
    (await dasy(['runs', 'clean'], options)).stdout,
    /^discarded run 1: [\d.]+ kB of staging removed\n$/,
  )
  t.same((await dasy(['runs', 'clean', '--json'], options)).json(), { runs: [], bytes: 0 })
  t.notMatch((await dasy(['runs', '1'], options)).stdout, 'dasy resume')
  await failsForPeople(t, ['resume', '1'], { status: 1, says: ['run 1'] }, options)
  t.match((await dasy(['rejects', '1'], options)).stdout, 'quote never closed', 'its rejects are kept')
})

t.test('wrong usage', async (t) => {
  const csv = file(t, 'sku\na\n')
  const cases: [string[], ...(string | RegExp)[]][] = [
    [['rejects'], /needs RUN/],
    [['rejects', 'last'], 'RUN "last"'],
    [['rejects', '0'], 'RUN "0"'],
    [['resume'], /needs RUN/],
    [['resume', '-1'], /./],
    [['resume', '1', '--table', 'x'], '--table', 'dasy ingest'],
    [['resume', '1', '--max-rejects', 'few'], '--max-rejects "few"'],
    [['runs', '--older-than', '7d'], '--older-than', 'clean'],
    [['runs', 'clean', '--older-than', 'soon'], '--older-than "soon"', '7d'],
    [['runs', 'clena'], 'RUN "clena"'],
    [['ingest', csv, '--retry-for', 'long'], '--retry-for "long"'],
    [['update', csv, '--restart=maybe'], '--restart'],
  ]
  for (const [args, ...says] of cases) await failsForPeople(t, args, { status: 2, says })
  const both = { status: 2, code: 'USAGE', says: ['--raw', '--json'] }
  await failsForPrograms(t, ['rejects', '1', '--raw', '--json'], both)
})

t.test('a second Ctrl-C leaves no server behind', async (t) => {
  const place = new Workplace(t)
  const load = CliProcess.start(t, ['ingest', generatedProducts(t, 30_000), '--range-size', '200'], {
    cwd: place.folder,
  })
  await load.until('it copies', () => load.stderr.includes('header: '))
  load.interrupt()
  const { status } = await load.interrupt()
  t.equal(status, 130)
  const gone = async () => (await place.json<{ running: boolean }>('db', 'status')).running === false
  while (!(await gone())) await sleep(100)
  t.match(readFileSync(join(await place.dataDirectory(), 'PG_VERSION'), 'utf8'), '18')
})
