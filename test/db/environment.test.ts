import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { chooseDatabase, readEnvironment } from '../../lib/db/environment.js'

t.test('the flag beats DATABASE_URL, that the PG* variables, and those the embedded server', async (t) => {
  const PGHOST = 'pg.example'
  const DATABASE_URL = 'postgresql://ann@url.example:6000/shop'
  const hostOf = (url: string | undefined, environment: Record<string, string>) => {
    const choice = chooseDatabase(url, environment)
    return choice.kind === 'server' ? choice.connection.host : choice.home
  }
  t.equal(hostOf('postgres://flag.example/x', { DATABASE_URL, PGHOST }), 'flag.example')
  t.equal(hostOf(undefined, { DATABASE_URL, PGHOST }), 'url.example')
  t.equal(hostOf(undefined, { DATABASE_URL: '', PGHOST }), PGHOST)
  t.equal(hostOf(undefined, { DASY_HOME: '/srv/dasy' }), '/srv/dasy')
  t.equal(
    hostOf(undefined, { PGPASSWORD: 'x', DASY_HOME: '/srv/dasy' }),
    '/srv/dasy',
    'a password names no server',
  )
})

t.test('what a URL lacks comes from the PG* variables', async (t) => {
  const environment = {
    PGPORT: '6001',
    PGUSER: 'bob',
    PGPASSWORD: 'secret',
    PGSSLMODE: 'verify-ca',
    PGCONNECT_TIMEOUT: '3',
  }
  t.match(chooseDatabase('postgresql://url.example', environment), {
    connection: {
      host: 'url.example',
      port: 6001,
      user: 'bob',
      database: 'bob',
      password: 'secret',
      ssl: { verifyHost: false },
      connectTimeoutMs: 3000,
    },
  })
})

t.test('a service is read from the file that PGSERVICEFILE names', async (t) => {
  const folder = t.testdir({
    services: '[other]\nhost=no\n\n# shop\n[shop]\nhost = db.example\nport=6002\ndbname=goods\n',
  })
  const PGSERVICEFILE = join(folder, 'services')
  t.match(chooseDatabase(undefined, { PGSERVICE: 'shop', PGSERVICEFILE, PGUSER: 'ann' }), {
    connection: { host: 'db.example', port: 6002, database: 'goods', user: 'ann' },
  })
  t.throws(() => chooseDatabase(undefined, { PGSERVICE: 'none', PGSERVICEFILE }), { code: 'UNKNOWN_SERVICE' })
})

t.test('bad values are errors that name them, but no password', async (t) => {
  for (const [url, environment, says] of [
    ['mysql://h/x', {}, '--database-url is not a connection URL: it does not start with postgresql://'],
    [undefined, { DATABASE_URL: 'h:5432' }, 'DATABASE_URL is not a connection URL'],
    ['postgresql://h:99999/x', {}, '--database-url'],
    [undefined, { PGHOST: 'h', PGPORT: 'x' }, 'PGPORT: port "x" is not a number from 1 to 65535'],
    [undefined, { PGHOST: 'h', PGSSLMODE: 'yes' }, 'PGSSLMODE: unknown mode "yes"'],
  ] as const)
    t.throws(
      () => chooseDatabase(url, environment),
      { code: 'BAD_DATABASE_URL', exitStatus: 2, message: says },
      says,
    )
  try {
    chooseDatabase('postgresql://ann:secret@[bad/x', {})
    t.fail('it is no URL')
  } catch (error) {
    t.notMatch((error as Error).message, 'secret')
  }
})

t.test('the environment beats a .env file', async (t) => {
  const folder = t.testdir({ '.env': 'PGHOST=file\nDASY_HOME=file\n' })
  t.equal(readEnvironment(folder).PGHOST, process.env.PGHOST ?? 'file')
  t.equal(readEnvironment(folder).PATH, process.env.PATH)
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'env'), '')
  t.same(readEnvironment(join(folder, 'other')), process.env)
})
