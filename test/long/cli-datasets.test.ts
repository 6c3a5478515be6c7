import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'

const CONFIG = `{
  // two kinds of files
  "datasets": {
    "goods": { "files": "in/*.csv", "table": "goods", "key": "id", "views": ["views.sql", "more.sql"] },
    "special": { "files": "in/special*", "table": "special", "key": "id" },
    "plain": {}
  }
}`

/** A folder with a configuration and files, and a database. */
async function place(t: Test, files: Readonly<Record<string, string>>) {
  const where = folder(t)
  mkdirSync(join(where, 'in'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(where, name), content)
  const db = await testDatabase(t)
  const run = (...args: string[]) => dasy([...args, '--json'], { cwd: where, env: { DATABASE_URL: db.url } })
  const failing = async (status: number, ...args: string[]) =>
    (await run(...args)).expectStatus(status).json<{ error: Record<string, unknown> }>().error
  return { where, db, run, failing }
}

const FILES = {
  'dasy.config.json': CONFIG,
  'in/a.csv': 'id,name\n1,one\n',
  'in/special.csv': 'id,name\n1,one\n2,two\n',
  'products.csv': 'sku,name\n1,one\n',
}

t.test('a file is loaded as its dataset says, and the flags beat it', async (t) => {
  const { db, run, failing } = await place(t, FILES)
  t.match((await run('ingest', 'in/a.csv')).expectStatus(0).json(), { table: 'goods', key: ['id'] })
  t.match((await run('ingest', 'in/a.csv', '--table', 'others')).expectStatus(0).json(), {
    table: 'others',
    key: ['id'],
  })
  t.match((await run('update', 'in/a.csv', '--no-trim')).expectStatus(0).json(), {
    table: 'goods',
    rows: { unchanged: 1 },
  })
  t.match(
    (await run('ingest', 'products.csv')).expectStatus(0).json(),
    { table: 'products' },
    'or without one',
  )

  const error = await failing(2, 'ingest', 'in/special.csv')
  t.match(error, {
    code: 'DATASET_AMBIGUOUS',
    message: 'in/special.csv matches the datasets goods and special',
  })
  await run('ingest', 'in/special.csv', '--dataset', 'special')
  t.equal(await db.value('SELECT count(*) FROM special'), 2)
  t.match(await failing(2, 'update', 'in/a.csv', '--dataset', 'good'), {
    code: 'DATASET_NOT_FOUND',
    hint: /"goods"/,
  })
})

t.test('the configuration is that of the working directory, or the one that is named', async (t) => {
  const { where, run, failing } = await place(t, FILES)
  const inside = (...args: string[]) =>
    dasy([...args, '--retry-for', '0'], {
      cwd: join(where, 'in'),
      env: { DATABASE_URL: 'postgresql://127.0.0.1:1/x' },
    })
  t.match(
    (await inside('ingest', 'a.csv', '--dataset', 'goods')).stderr,
    /dasy\.config\.json does not exist/,
    'none above it',
  )
  t.match(
    (await inside('ingest', 'a.csv', '--dataset', 'good', '--config', '../dasy.config.json')).stderr,
    /mean "goods"/,
  )
  const named = await run('ingest', 'in/a.csv', '--config', join(where, 'dasy.config.json'))
  t.match(named.expectStatus(0).json(), { table: 'goods' })
  t.match(await failing(1, 'ingest', 'in/a.csv', '--config', 'other.json'), { code: 'CONFIG_UNREADABLE' })
})

t.test('a bad configuration is told with its place, before anything else', async (t) => {
  const { failing } = await place(t, { 'dasy.config.json': CONFIG.replace('"key"', '"kee"') })
  for (const command of ['ingest', 'update']) {
    t.match(await failing(2, command, 'no-such.csv'), {
      code: 'BAD_CONFIG',
      message: /^dasy\.config\.json, line 4, column 55: there is no property "kee"$/,
      hint: 'Did you mean "key"?',
      details: { file: 'dasy.config.json', line: 4, column: 55 },
    })
  }
})

t.test('analyze makes the views, all or none of them', async (t) => {
  const { where, db, run, failing } = await place(t, {
    ...FILES,
    'views.sql': 'CREATE OR REPLACE VIEW names AS SELECT name FROM goods;\nCREATE SCHEMA IF NOT EXISTS "My";',
    'more.sql':
      'DROP MATERIALIZED VIEW IF EXISTS "My"."all";\nCREATE MATERIALIZED VIEW "My"."all" AS TABLE goods;',
  })
  await run('ingest', 'in/a.csv')
  await db.run('CREATE VIEW mine AS SELECT 1')
  const expected = [
    { view: '"My"."all"', materialized: true, rows: 1 },
    { view: 'public.names', materialized: false, rows: 1 },
  ]
  for (let time = 0; time < 2; time++)
    t.same((await run('analyze', 'goods')).expectStatus(0).json(), { dataset: 'goods', views: expected })

  writeFileSync(
    join(where, 'views.sql'),
    'CREATE OR REPLACE VIEW names AS SELECT upper(name) AS name FROM goods',
  )
  writeFileSync(join(where, 'more.sql'), '\nSELECT nothing')
  const error = await failing(1, 'analyze', 'goods')
  t.match(error, { code: 'SQL_FILE_FAILED', details: { file: join(where, 'more.sql'), line: 2 } })
  t.equal(await db.value('SELECT name FROM names'), 'one', 'the first file has done nothing either')

  t.match(await failing(2, 'analyze', 'plain'), { code: 'BAD_CONFIG', details: { line: 6, column: 5 } })
  t.match(await failing(2, 'analyze', 'good'), { code: 'DATASET_NOT_FOUND' })
  writeFileSync(join(where, 'more.sql'), '')
  const { stdout } = await dasy(['analyze', 'goods'], { cwd: where, env: { DATABASE_URL: db.url } })
  t.equal(stdout, 'public.names  1 row\n')
  t.match(await failing(1, 'analyze', 'goods', '--config', 'x.json'), { code: 'CONFIG_UNREADABLE' })
})
