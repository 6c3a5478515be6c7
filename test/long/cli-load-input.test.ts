import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsBothWays, failsForPrograms } from '../support/cli-failure.js'
import { CliProcess, ordinaryUser } from '../support/cli-process.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

/** Files and tables that a load refuses, and how. */

t.test('a file that is not there, or is none, is said to be so by its name', async (t) => {
  const nowhere = join(folder(t), 'nope.csv')
  const remedy = /Check the path/
  await failsBothWays(t, ['ingest', nowhere], { status: 1, code: 'FILE_NOT_FOUND', says: [nowhere, remedy] })
  await failsForPrograms(t, ['update', nowhere], {
    status: 1,
    code: 'FILE_NOT_FOUND',
    says: [nowhere, remedy],
  })
  const directory = join(folder(t), 'products')
  mkdirSync(directory)
  await failsBothWays(t, ['ingest', directory], { status: 1, code: 'NOT_A_FILE', says: [directory] })
})

t.test('a file that this user may not read fails with status 1', async (t) => {
  const source = file(t, 'sku\na\n')
  const where = join(source, '..')
  chmodSync(where, 0o755)
  chmodSync(source, 0o000)
  const started = { as: ordinaryUser, cwd: where }
  const start = await CliProcess.start(t, ['--version'], started).ended
  if (start.status !== 0) return t.comment('an ordinary user cannot run dasy from here')
  const { status, stdout, stderr } = await CliProcess.start(t, ['ingest', source], started).ended
  t.equal(status, 1)
  t.equal(stdout, '')
  t.ok(stderr.includes(source), 'it names the file', { found: stderr })
  t.match(stderr, /permissions/, 'it says what to look at')
  const { stdout: object } = await CliProcess.start(t, ['ingest', source, '--json'], started).ended
  t.match(JSON.parse(object), { error: { code: 'FILE_UNREADABLE', hint: /./ } })
})

t.test('a header that cannot be used is refused with the reason, and nothing is made', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const long = 'n'.repeat(64)
  const cases: [string, string | Uint8Array, string, (string | RegExp)[]][] = [
    ['empty', '', 'EMPTY_FILE', [/empty/, /name the columns/]],
    ['only a byte order mark', '\uFEFF', 'EMPTY_FILE', [/empty/]],
    ['only blank lines', '\n\r\n\n', 'EMPTY_FILE', [/empty/]],
    ['a column twice', 'sku,name,sku\na,b,c\n', 'BAD_HEADER', ['"sku"', /\b1 and 3\b/]],
    ['a column twice but for spaces', 'sku,name, sku \na,b,c\n', 'BAD_HEADER', ['"sku"']],
    ['a column without a name', 'sku,,name\na,b,c\n', 'BAD_HEADER', [/column 2\b/]],
    ['a name of 64 bytes', `sku,${long}\na,b\n`, 'BAD_HEADER', [/column 2\b/, /\b63\b/]],
    ['a name of 63 letters but 64 bytes', `sku,${'n'.repeat(62)}é\na,b\n`, 'BAD_HEADER', [/\b63\b/]],
    ['a quote that is never closed', 'sku,"name\na,b\n', 'BAD_HEADER', []],
    ['not UTF-8', Buffer.from('sku,n\xffme\na,b\n', 'latin1'), 'BAD_HEADER', [/UTF-8/]],
    ['no key', 'name,description\na,b\n', 'KEY_COLUMN_MISSING', ['"sku"', '"name", "description"', '--key']],
  ]
  for (const [name, content, code, says] of cases) {
    const source = file(t, content, `${name}.csv`)
    await failsForPrograms(t, ['ingest', source], { status: 1, code, says: [source, ...says] }, options)
  }
  t.equal(
    await db.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'products%'"),
    0,
    'no table was made',
  )
})

t.test('a header and nothing else is a load of no records', async (t) => {
  const db = await testDatabase(t)
  for (const content of ['sku,name\n', 'sku,name', '\uFEFFsku,name\r\n\r\n']) {
    const result = await dasy(['ingest', file(t, content), '--json'], { env: { DATABASE_URL: db.url } })
    t.match(result.expectStatus(0).json(), { status: 'completed', rows: { read: 0, inserted: 0 } })
  }
  t.equal(await db.value('SELECT count(*) FROM products'), 0, 'the table is there')
})

t.test('a name of 63 bytes is taken', async (t) => {
  const db = await testDatabase(t)
  const name = 'n'.repeat(63)
  await dasy(['ingest', file(t, `sku,${name}\na,b\n`)], { env: { DATABASE_URL: db.url } }).then((result) =>
    result.expectStatus(0),
  )
  t.same(await db.rows(`SELECT ${name} AS value FROM products`), [{ value: 'b' }])
})

t.test('a table that does not fit is left alone, and it is said what would fit', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  await db.run(`CREATE TABLE things (sku text PRIMARY KEY, name text);
    INSERT INTO things VALUES ('a', 'old');
    CREATE VIEW seen AS SELECT * FROM things`)
  const source = file(t, 'sku,name\na,new\nb,new\n')
  const fail = (args: string[], code: string, says: (string | RegExp)[]) =>
    failsForPrograms(t, args, { status: 1, code, says }, options)
  await fail(['ingest', source, '--table', 'things', '--key', 'sku,name'], 'KEY_MISMATCH', [
    '(sku)',
    '--key sku',
  ])
  await fail(['ingest', source, '--table', 'things', '--key', 'nmae'], 'KEY_COLUMN_MISSING', [
    '"sku", "name"',
    '--key',
  ])
  await fail(['ingest', source, '--table', 'seen'], 'NOT_A_TABLE', ['seen', /view/])
  await fail(['update', source, '--table', 'nothing'], 'TABLE_NOT_FOUND', ['nothing', /ingest|--table/])
  await fail(['update', source, '--table', 'nowhere.things'], 'TABLE_NOT_FOUND', ['nowhere.things', /ingest/])
  const wide = file(t, 'sku,nmae\na,new\n')
  await fail(['ingest', wide, '--table', 'things'], 'COLUMN_UNKNOWN', ['"nmae"', '"name"', '--add-columns'])
  await fail(['update', wide, '--table', 'things'], 'COLUMN_UNKNOWN', ['"nmae"', '"name"'])
  await fail(['ingest', source, '--table', 'things', '--on-conflict', 'error'], 'KEY_EXISTS', [
    source,
    /line 2\b/,
    '--on-conflict',
  ])
  const twice = file(t, 'sku,name\nx,1\ny,2\nx,3\n')
  await fail(['ingest', twice, '--table', 'things', '--duplicates', 'error'], 'DUPLICATE_KEY', [
    twice,
    /line 2\b/,
    /line 4\b/,
    '--duplicates',
  ])
  t.same(await db.rows('SELECT * FROM things'), [{ sku: 'a', name: 'old' }])
})

t.test('a role without the right to write is refused with status 1, and told of what', async (t) => {
  const db = await testDatabase(t)
  const { name, url } = await db.role()
  const options = { env: { DATABASE_URL: url } }
  const source = file(t, 'sku,name\na,b\n')
  const refused = { status: 1, code: 'PERMISSION_DENIED' }
  await failsBothWays(
    t,
    ['ingest', source],
    { ...refused, says: [/permission denied/, /privilege/] },
    options,
  )
  await db.run(`GRANT CREATE ON DATABASE ${db.name} TO ${name};
    CREATE TABLE things (sku text PRIMARY KEY, name text)`)
  t.teardown(() => db.run(`REASSIGN OWNED BY ${name} TO CURRENT_USER; DROP OWNED BY ${name}`).catch(() => {}))
  const args = ['ingest', source, '--table', 'things']
  await failsForPrograms(t, args, { ...refused, says: [/things/, /privilege/] }, options)
  t.equal(await db.value('SELECT count(*) FROM things'), 0)
})

t.test(
  '--max-rejects takes a count or a percentage of the records, and says where the bad ones are',
  async (t) => {
    const db = await testDatabase(t)
    const options = { env: { DATABASE_URL: db.url } }
    const source = file(t, 'sku,name\na,1\nb\n\nc,3\nd,4\n')
    const load = (...args: string[]) => dasy(['ingest', source, '--max-rejects', ...args], options)
    for (const limit of ['0', '0%', '24.9%']) {
      const { error } = (await load(limit, '--json'))
        .expectStatus(3)
        .json<{ error: Record<string, unknown> }>()
      t.match(error, { code: 'TOO_MANY_REJECTS', run: Number, rows: { read: 4, rejected: 1 } }, limit)
      t.match(error.hint, '--max-rejects', 'the remedy')
      t.match(error.details, { rejects: [{ file: source, line: 3, byte: 13 }] }, 'file, line and byte')
    }
    const { stderr } = (await load('0')).expectStatus(3)
    for (const what of [source, /\bline 3\b/, /\bbyte 13\b/, '--max-rejects']) t.match(stderr, what)
    t.equal(await db.value("SELECT to_regclass('products')"), null, 'nothing was made')
    for (const limit of ['1', '25%', '25.0%', '100%', '7']) {
      const answer = (await load(limit, '--json')).expectStatus(0).json()
      t.match(answer, { status: 'completed', rows: { read: 4, rejected: 1 } }, limit)
    }
  },
)

t.test('behind -- a file may begin with a dash', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, '-a.csv'), 'sku\na\n')
  const db = await testDatabase(t)
  const args = ['ingest', '--database-url', db.url, '--json', '--', '-a.csv']
  const { status, stdout, stderr } = await CliProcess.start(t, args, { cwd }).ended
  t.equal(status, 0, stderr)
  t.match(JSON.parse(stdout), { source: '-a.csv', rows: { inserted: 1 } })
})
