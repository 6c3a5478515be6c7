import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsForPeople } from '../support/cli-failure.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** `dasy purge` and `--sync` on the command line. */

t.test('purge asks, and without a terminal it wants --yes', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  await dasy(['ingest', file(t, 'sku,name\na,Ann\nb,Bob\n')], { env })
  await failsForPeople(t, ['purge', 'products'], { status: 2, says: ['dasy purge products --yes'] }, { env })
  await failsForPeople(
    t,
    ['purge', 'products', '--yes', '--where', 'nme = 1'],
    { status: 2, says: ['--where', 'nme'] },
    { env },
  )
  t.equal(await db.value('SELECT count(*) FROM products'), 2)

  const { status, stdout } = await dasy(['purge', 'products', '--yes', '--where', "sku = 'a'"], { env })
  t.equal(status, 0)
  t.match(stdout, /^purge → products \(sku\)\nrun 2 completed/)
  t.match(stdout, /^ +read +1 +changes$/m)
  t.match(stdout, /^ +deleted +1 +gone from the table$/m)
  const json = await dasy(['purge', 'products', '--yes', '--json'], { env })
  t.match(JSON.parse(json.stdout), {
    run: 3,
    command: 'purge',
    source: null,
    bytes: 0,
    rows: { read: 1, deleted: 1 },
  })
  const listed = await dasy(['runs'], { env })
  t.match(listed.stdout, /3 .* completed +purge +products/)
})

t.test('a run that would delete too much tells how to go on', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  await dasy(['ingest', file(t, 'sku,name\na,Ann\nb,Bob\n')], { env })
  const path = file(t, 'sku,name\na,Ann\n')
  await failsForPeople(
    t,
    ['ingest', path, '--sync'],
    { status: 3, says: ['dasy resume 2 --max-deletes 1'] },
    { env },
  )
  const shown = await dasy(['runs', '2'], { env })
  t.match(shown.stdout, /resumable: dasy resume 2 --max-deletes N/)
  const { status, stdout } = await dasy(['resume', '2', '--max-deletes', '1'], { env })
  t.equal(status, 0)
  t.match(stdout, /^ +deleted +1 +gone from the table$/m)
})
