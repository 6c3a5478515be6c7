import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { Workplace } from '../support/cli-workplace.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** What is printed, kept and left on the disk: no password, nothing that a terminal obeys, nothing others can read. */

/** Needs encoding in a URL; each of its parts alone would be a leak. */
const SECRET = ['s3cret', 'half/way', 'tail#end']
const PASSWORD = SECRET.join('@')

function assertSecret(t: Test, what: string, ...texts: string[]): void {
  for (const part of [...SECRET, ...SECRET.map(encodeURIComponent)]) {
    for (const text of texts) t.notOk(text.includes(part), `${what}: no "${part}"`, { found: text })
  }
}

/** A role with that password, which may make tables. */
async function confidant(db: TestDatabase): Promise<URL> {
  const { name, url } = await db.role()
  await db.run(`ALTER ROLE ${name} PASSWORD '${PASSWORD}';
    GRANT CREATE ON DATABASE ${db.name} TO ${name};
    GRANT CREATE ON SCHEMA public TO ${name}`)
  const with_ = new URL(url)
  with_.password = encodeURIComponent(PASSWORD)
  return with_
}

t.test('a password is in nothing that is printed or kept, whatever happens', async (t) => {
  const db = await testDatabase(t)
  const url = await confidant(db)
  t.teardown(() => db.run(`REASSIGN OWNED BY ${url.username} TO CURRENT_USER; DROP OWNED BY ${url.username}`))
  const good = file(t, 'sku,name\na,1\n')
  const bad = file(t, 'sku,name\nb\n')
  const run = async (
    status: number,
    args: string[],
    env: Record<string, string> = { DATABASE_URL: url.href },
  ) => {
    const { stdout, stderr, status: ended } = await dasy(args, { env })
    t.equal(ended, status, `${args.join(' ')}: status ${status}`)
    assertSecret(t, args[0] as string, stdout, stderr)
  }
  await run(0, ['ingest', good])
  await run(0, ['ingest', good, '--json'])
  await run(3, ['ingest', bad])
  await run(3, ['ingest', bad, '--json'])
  await run(1, ['ingest', good, '--table', 'pg_catalog.pg_class'])
  await run(0, ['aggregate', 'products', 'sku'])
  await run(0, ['runs', '--json'])
  await run(0, ['migrate', 'status'])
  const variables = {
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: PASSWORD,
    PGDATABASE: 'no_such_database',
  }
  await run(4, ['runs'], variables)

  for (const table of ['runs', 'sources', 'rejects', 'aggregates', 'tables', 'migrations']) {
    const there = await db.value('SELECT to_regclass($1)', [`dasy.${table}`])
    if (there === null) continue
    const rows = await db.rows<{ row: unknown }>(`SELECT to_jsonb(t) AS row FROM dasy.${table} AS t`)
    assertSecret(t, `dasy.${table}`, JSON.stringify(rows))
    t.notMatch(JSON.stringify(rows), 'postgresql://', `dasy.${table} holds no URL`)
  }
})

t.test('nor is the password of a URL that does not work, however wrong it is', async (t) => {
  const { url } = await testDatabase(t)
  const live = new URL(url)
  const encoded = encodeURIComponent(PASSWORD)
  const who = `${live.username}:${encoded}`
  const where = live.host
  const urls = [
    `postgresql://${who}@127.0.0.1:1/x`,
    `postgresql://${who}@no-such-host.invalid/x`,
    `postgresql://${who}@${where}/no_such_database`,
    `postgresql://${where}/x?user=nobody&password=${encoded}`,
    `postgresql://nobody:${encoded}@${where}${live.pathname}`,
    `mysql://${who}@localhost/x`,
    `postgresql://${who}@localhost:port/x`,
    `postgresql://${who}%zz@localhost/x`,
    `postgresql://${who}@`,
    `${who}@localhost/x`,
  ]
  for (const [index, wrong] of urls.entries()) {
    const result = await dasy(['runs', '--database-url', wrong, ...(index % 2 ? ['--json'] : [])])
    t.not(result.status, 0, `${wrong}: it does not work`)
    assertSecret(t, wrong, result.stdout, result.stderr)
  }
})

t.test('nor one that was not encoded as a URL wants it', async (t) => {
  for (const password of [
    's3cret/tail0fit',
    's3cret@tail0fit',
    's3cret#tail0fit',
    's3cret?tail0fit',
    's3cret:tail0fit',
  ]) {
    const result = await dasy(['runs', '--database-url', `postgresql://me:${password}@127.0.0.1:1/x`])
    t.not(result.status, 0, password)
    for (const part of ['s3cret', 'tail0fit']) {
      t.notOk((result.stdout + result.stderr).includes(part), `${password}: no ${part}`, {
        found: result.stderr,
      })
    }
  }
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
const CONTROL = /(?!\n)[\u0000-\u001f\u007f-\u009f]/
const EVIL = '\u001b[2J\u0007\u009b2J\r\u202e'

function assertTame(t: Test, what: string, { stdout, stderr }: CliResult): void {
  t.notMatch(stdout, CONTROL, `${what}: standard output`)
  t.notMatch(stderr, CONTROL, `${what}: standard error`)
  t.notMatch(stdout + stderr, /\u202e/, `${what}: nothing turns the line around`)
}

t.test('nothing from a file or a database makes a terminal do something', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  const run = async (what: string, status: number, ...args: string[]) => {
    const result = await dasy(args, { env })
    t.equal(result.status, status, `${what}: status ${status}`)
    assertTame(t, what, result)
  }
  const quoted = `"${EVIL}"`
  const name = `${EVIL}.csv`
  await run('a column', 0, 'ingest', file(t, `sku,${quoted}\na,b\n`, name), '--table', 'things')
  await run('a column twice', 1, 'ingest', file(t, `${quoted},${quoted}\n`))
  await run('no key', 1, 'ingest', file(t, `${quoted}\na\n`))
  await run('a column more', 1, 'update', file(t, `sku,x${quoted.slice(1)}\na,b\n`), '--table', 'things')
  await run('a reject', 3, 'ingest', file(t, `sku,name\n${EVIL},5" ${EVIL}\n`, name))
  await run('a repeated key', 1, 'ingest', file(t, `sku\n"x${EVIL}"\n"x${EVIL}"\n`), '--duplicates', 'error')
  await run('an unknown file', 1, 'ingest', `${EVIL}.csv`)
  await run('an unknown table', 1, 'update', file(t, 'sku\na\n'), '--table', `t${EVIL}t`)
  await run('a table', 0, 'ingest', file(t, 'sku\na\n'), '--table', `t${EVIL}t`)
  await run('an aggregate', 0, 'aggregate', `t${EVIL}t`, 'sku', '--into', `a${EVIL}`)
  await run('a bad option', 2, 'ingest', 'x.csv', '--workers', EVIL)
  await run('an unknown flag', 2, 'ingest', 'x.csv', `--${EVIL}`)
  await run('an unknown command', 2, EVIL)
  await db.run(
    `CREATE TABLE typed (sku text PRIMARY KEY, size integer); INSERT INTO typed VALUES (E'x\\x1b[2J', 1)`,
  )
  await run('a value of another type', 3, 'ingest', file(t, `sku,size\na,"${EVIL}"\n`), '--table', 'typed')
  const exists = ['--table', 'typed', '--on-conflict', 'error']
  await run('a key that exists', 1, 'ingest', file(t, 'sku,size\nx\u001b[2J,2\n'), ...exists)
  await run('runs', 0, 'runs')

  const { stdout } = await dasy(['runs', '--json'], { env })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
  t.notMatch(stdout.trimEnd(), /[\u0000-\u001f]/, 'as JSON')
})

t.test("a file's name is a name and nothing else", async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  const names = [
    '"; drop table dasy.runs; --.csv',
    "'; drop table dasy.runs; --.csv",
    '$1.csv',
    '{run}.csv',
    'a\nb.csv',
    '%s.csv',
  ]
  for (const [index, name] of names.entries()) {
    const source = file(t, `sku\na${index}\n`, name)
    const receipt = (await dasy(['ingest', source, '--json'], { env })).expectStatus(0).json()
    t.match(receipt, { source, rows: { inserted: 1 } }, JSON.stringify(name))
    t.match(await db.value('SELECT location FROM dasy.sources WHERE run = $1', [receipt.run]), source)
  }
  t.equal(await db.value('SELECT count(*) FROM products'), names.length)
})

t.test('nobody else can read what is under DASY_HOME', async (t) => {
  const place = new Workplace(t)
  await place.dasy('db', 'start', '--quiet')
  await place.dasy('ingest', file(t, 'sku,name\na,1\n'), '--quiet')
  const home = join(place.folder, '.dasy')
  const open = [home, ...everythingIn(home)].flatMap((path) => {
    const { mode } = lstatSync(path)
    // As root the server is another user, who must get through to its folder, but need not look around.
    const forbidden = process.getuid?.() === 0 && lstatSync(path).isDirectory() ? 0o066 : 0o077
    return (mode & forbidden) === 0 ? [] : [`${path.slice(home.length)} ${(mode & 0o777).toString(8)}`]
  })
  t.same(open, [])
})

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) return []
    return entry.isDirectory() ? [path, ...everythingIn(path)] : [path]
  })
}
