import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type CliOptions, dasy } from '../support/cli.js'
import { failsForPeople, failsForPrograms } from '../support/cli-failure.js'
import { testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'

/** Which database a command takes, and what it says of one that cannot be reached. */

const PASSWORD = 'an0pensecret'

/** Nobody listens there; whoever asks it gets status 4. */
const DEAD = `postgresql://somebody:${PASSWORD}@127.0.0.1:1/nowhere`

/** Whether a command reached the database that it was to take: the others are dead. */
async function reaches(t: Test, what: string, args: string[], options: CliOptions): Promise<void> {
  const { status, stdout, stderr } = await dasy([...args, 'runs', '--json'], options)
  t.same({ status, stdout, stderr }, { status: 0, stdout: '[]\n', stderr: '' }, what)
}

async function missesDead(t: Test, what: string, args: string[], options: CliOptions): Promise<void> {
  const { status, stderr, stdout } = await dasy(['runs', ...args], options)
  t.equal(status, 4, what)
  t.match(stderr, '127.0.0.1:1', `${what}: it says where nobody listens`)
  t.notMatch(stdout + stderr, PASSWORD, `${what}: the password is not shown`)
}

/** The same as PG* variables. */
function variables(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const all = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: pathname.slice(1),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

t.test(
  '--database-url comes before DATABASE_URL, that before PG*, and those before the embedded server',
  async (t) => {
    const { url } = await testDatabase(t)
    const [live, dead] = [variables(url), variables(DEAD)]
    const cwd = folder(t)
    const given = ['--database-url', url]
    await reaches(t, '--database-url', given, { cwd, env: { DATABASE_URL: DEAD, ...dead } })
    await reaches(t, 'DATABASE_URL', [], {
      cwd,
      env: { DATABASE_URL: url, PGHOST: '127.0.0.1', PGPORT: '1' },
    })
    await reaches(t, 'PG*', [], { cwd, env: live })
    await missesDead(t, '--database-url, though dead', ['--database-url', DEAD], {
      cwd,
      env: { DATABASE_URL: url, ...live },
    })
    await missesDead(t, 'DATABASE_URL, though dead', [], { cwd, env: { DATABASE_URL: DEAD, ...live } })
    await missesDead(t, 'PG*, though dead', [], { cwd, env: dead })
    t.notOk(existsSync(join(cwd, '.dasy')), 'the embedded server was never asked')
  },
)

t.test(
  'each of PGHOST, PGPORT, PGDATABASE and PGUSER is enough not to take the embedded server',
  async (t) => {
    const cwd = folder(t)
    for (const [name, value] of Object.entries({
      PGHOST: '127.0.0.1',
      PGPORT: '1',
      PGDATABASE: 'x',
      PGUSER: 'x',
    })) {
      const { status } = await dasy(['migrate', 'status'], {
        cwd,
        env: { PGCONNECT_TIMEOUT: '2', [name]: value },
      })
      // A server of this machine may let us in.
      t.ok(status === 4 || status === 0, name)
    }
    t.notOk(existsSync(join(cwd, '.dasy')))
  },
)

t.test('.env in the working folder is read, and the environment beats it', async (t) => {
  const { url } = await testDatabase(t)
  const cwd = folder(t)
  const env = (text: string) => writeFileSync(join(cwd, '.env'), text)
  env(`# ours\nDATABASE_URL="${url}"\n`)
  await reaches(t, '.env', [], { cwd })
  await missesDead(t, 'the environment', [], { cwd, env: { DATABASE_URL: DEAD } })
  env(`DATABASE_URL=${DEAD}\n`)
  await missesDead(t, '.env', [], { cwd })
  await reaches(t, 'the environment', [], { cwd, env: { DATABASE_URL: url } })
  await reaches(t, 'the flag', ['--database-url', url], { cwd })
  const { PGPASSWORD = '', ...others } = variables(url)
  env(`PGPASSWORD=${PGPASSWORD}\n`)
  await reaches(t, 'both together', [], { cwd, env: others })
})

t.test('PGSERVICE names a section of a service file', async (t) => {
  const { url } = await testDatabase(t)
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = variables(url)
  const cwd = folder(t)
  const file = join(cwd, 'services')
  const lines = [
    '# two of them',
    '[dead]',
    'host=127.0.0.1',
    'port=1',
    '',
    '[live]',
    `host=${PGHOST}`,
    ...(PGPORT ? [`port=${PGPORT}`] : []),
    `user=${PGUSER}`,
    ...(PGPASSWORD ? [`password=${PGPASSWORD}`] : []),
    `dbname=${PGDATABASE}`,
  ]
  writeFileSync(file, lines.join('\n'))
  const env = (PGSERVICE: string) => ({ cwd, env: { PGSERVICE, PGSERVICEFILE: file } })
  await reaches(t, 'its server', [], env('live'))
  await missesDead(t, 'another section', [], env('dead'))
  const refused = { status: 2, says: ['"none"', file] }
  await failsForPeople(t, ['runs'], refused, env('none'))
})

t.test(
  'a database that cannot be reached, or refuses us, is status 4, with the place and the reason',
  async (t) => {
    const db = await testDatabase(t)
    const { name, url } = await db.role()
    const changed = (change: (url: URL) => void) => {
      const other = new URL(url)
      change(other)
      return ['migrate', 'up', '--database-url', other.href]
    }
    const refused = { status: 4, code: 'CONNECTION_FAILED' }
    await failsForPeople(t, ['migrate', 'up', '--database-url', DEAD], {
      status: 4,
      says: ['127.0.0.1:1', '"nowhere"'],
    })
    const unknown = changed((other) => (other.pathname = '/no_such_database'))
    await failsForPrograms(t, unknown, { ...refused, says: ['no_such_database'] })
    const nobody = changed((other) => (other.hostname = 'no-such-host.invalid'))
    await failsForPrograms(t, nobody, { ...refused, says: ['no-such-host.invalid'] })

    const wrong = changed((other) => (other.password = PASSWORD))
    if (await letsIn(wrong.at(-1) as string)) return t.comment('this server takes any password')
    const error = await failsForPrograms(t, wrong, { ...refused, says: [name, /password/] })
    t.notMatch(JSON.stringify(error), PASSWORD, 'the password is not shown')
    const none = changed((other) => (other.password = ''))
    await failsForPeople(t, none, { status: 4, says: [/password/, /PGPASSWORD/] })
  },
)

t.test('a URL that is none is status 2, and its password is not shown', async (t) => {
  const urls = [
    `mysql://me:${PASSWORD}@localhost/x`,
    `postgresql://me:${PASSWORD}@localhost:99999/x`,
    `postgresql://me:${PASSWORD}@localhost:port/x`,
    `me:${PASSWORD}@localhost/x`,
    `host=localhost password=${PASSWORD}`,
  ]
  for (const url of urls) {
    const error = await failsForPrograms(t, ['runs', '--database-url', url], {
      status: 2,
      code: 'BAD_DATABASE_URL',
      says: [/database.url/i, 'postgresql://'],
    })
    t.notMatch(JSON.stringify(error), PASSWORD)
  }
  const env = { DATABASE_URL: urls[0] as string }
  const { stderr } = (await dasy(['runs'], { env })).expectStatus(2)
  t.match(stderr, 'DATABASE_URL')
  t.notMatch(stderr, PASSWORD)
  await failsForPeople(t, ['runs'], { status: 2, says: ['PGPORT', 'abc'] }, { env: { PGPORT: 'abc' } })
})

t.test('a server that does not answer is given up after PGCONNECT_TIMEOUT', async (t) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as { port: number }
  const env = { PGHOST: '127.0.0.1', PGPORT: `${port}`, PGCONNECT_TIMEOUT: '1' }
  await failsForPeople(t, ['runs'], { status: 4, says: [`127.0.0.1:${port}`, 'within 2 s'] }, { env })
})

async function letsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
