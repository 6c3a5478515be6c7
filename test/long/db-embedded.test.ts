import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t from 'tap'
import { copiedBinaries, packagedBinaries } from '../../lib/db/embedded/binaries.js'
import { EmbeddedServer, type Lease } from '../../lib/db/embedded/server.js'
import { settings } from '../../lib/db/embedded/settings.js'

const root = process.getuid?.() === 0
const NOBODY = { uid: 65534, gid: 65534 }
const DIST = new URL('../../dist/db/embedded/server.js', import.meta.url)

/** A command of another process: joins, tells how to connect, and leaves when its input ends. */
const COMMAND = `
  import { EmbeddedServer } from ${JSON.stringify(DIST)}
  const server = new EmbeddedServer({ home: process.argv[1], note: (line) => console.error(line) })
  try {
    const lease = await server.join()
    console.log(JSON.stringify(lease.connection))
    await new Promise((resolve) => process.stdin.once('end', resolve).resume())
    await lease.leave()
  } catch (error) {
    console.log(JSON.stringify({ error: error.code }))
  }`

class Command {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly said: Promise<Record<string, unknown>>
  private readonly ended: Promise<void>

  constructor(home: string, as: { uid?: number; gid?: number } = {}) {
    // tap puts its hooks into NODE_OPTIONS of every child, and they write where another user may not.
    const args = ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '-e', COMMAND, home]
    this.child = spawn('env', args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/', ...as })
    const lines = createInterface({ input: this.child.stdout })
    this.said = new Promise((resolve) => {
      lines.once('line', (line) => resolve(JSON.parse(line)))
      lines.once('close', () => resolve({ error: 'said nothing' }))
    })
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()))
  }

  async leave(): Promise<void> {
    this.child.stdin.end()
    await this.ended
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}

// Where the server's user can get to, whoever that is.
const folder = mkdtempSync(join(tmpdir(), 'dasy-embedded-'))
chmodSync(folder, 0o755)
const home = join(folder, 'home')
const server = new EmbeddedServer({ home })
const cluster = join(home, 'postgres')
const data = join(cluster, 'data')

t.teardown(async () => {
  await server.destroy()
  rmSync(folder, { recursive: true, force: true })
})

async function query(connection: Lease['connection'] | string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(typeof connection === 'string' ? { connectionString: connection } : connection)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => row[0])
  } finally {
    await client.end()
  }
}

/** Ended, though perhaps not yet reaped: that is for the system's first process, which may take its time. */
async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 6000; tries++) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    if (stdout.trim() === '' || stdout.startsWith('Z')) return true
    await sleep(10)
  }
  return false
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

async function timed<T>(
  t: { comment(text: string): void },
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now()
  const result = await work()
  t.comment(`${what}: ${Math.round(performance.now() - start)} ms`)
  return result
}

t.test('before the first start there is nothing', async (t) => {
  t.match(await server.status(), { running: false, dataDirectory: null, pid: null, stays: false })
  t.equal(await server.stop(), false)
  await t.rejects(server.url(), { code: 'EMBEDDED_NOT_RUNNING', exitStatus: 4 })
  t.notOk(existsSync(home), 'and asking makes nothing')
})

t.test('first commands at once share one server, and the last to leave stops it', async (t) => {
  const commands = [new Command(home), new Command(home)]
  const [first, ...others] = await timed(t, 'two first starts', () =>
    Promise.all(commands.map((c) => c.said)),
  )
  for (const other of others) t.same(other, first)
  const { pid } = await server.status()

  await commands[0]?.leave()
  t.match(await server.status(), { running: true, pid }, 'one is still in')
  await commands[1]?.leave()
  t.match(await server.status(), { running: false, pid: null })
  t.ok(await gone(Number(pid)), 'no process is left')
  t.same(readdirSync(home), ['postgres'], 'nor a half-made cluster of those who were slower')
  t.same(readdirSync(cluster).sort(), ['data', 'log', 'password'])
  t.same(
    readdirSync(data).filter((name) => /^\.s\.|postmaster\.pid/.test(name)),
    [],
    'nor a socket',
  )
})

t.test('it is the server that it should be', async (t) => {
  const lease = await timed(t, 'a later start', () => server.join())
  const show = async (name: string) => (await query(lease.connection, `SHOW ${name}`))[0]
  t.match(await show('server_version'), /^18\./)
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum'])
    t.equal(await show(name), 'on', name)
  t.equal(await show('listen_addresses'), '127.0.0.1')
  t.equal(await show('server_encoding'), 'UTF8')
  t.equal(await show('timezone'), 'UTC')
  t.same(
    await query(lease.connection, `SELECT x FROM unnest('{a,B,é,Z}'::text[]) x ORDER BY x`),
    ['B', 'Z', 'a', 'é'],
    'bytewise',
  )
  t.same(await query(lease.connection, `SELECT upper('é')`), ['É'])
  await timed(t, 'a connection', () => query(lease.connection, 'SELECT 1'))

  const again = await timed(t, 'joining', () => server.join())
  await timed(t, 'leaving', () => again.leave())
  await again.leave()
  t.ok((await server.status()).running, 'leaving twice counts once')
  await timed(t, 'leaving as the last', () => lease.leave())
  t.notOk((await server.status()).running)
})

t.test('only its owner can read it, and only the password lets in', async (t) => {
  const lease = await server.join()
  const url = await server.url()
  t.same(await query(url, 'SELECT current_user || current_database()'), ['postgresdasy'])
  t.match(url, /^postgresql:\/\/postgres:[0-9a-f]{48}@127\.0\.0\.1:\d+\/dasy$/)
  await t.rejects(query(url.replace(/:[0-9a-f]{48}@/, ':wrong@'), 'SELECT 1'), { code: '28P01' })
  await t.rejects(query({ ...lease.connection, password: 'wrong' }, 'SELECT 1'), { code: '28P01' })
  t.equal(mode(data), '700')
  t.equal(mode(cluster), root ? '711' : '700')
  for (const file of ['password', 'log']) t.equal(mode(join(cluster, file)), '600', file)
  t.notMatch(readFileSync(join(cluster, 'log'), 'utf8'), lease.connection.password)
  const socket = readdirSync(data).find((name) => /^\.s\.PGSQL\.\d+$/.test(name))
  t.equal(mode(join(data, String(socket))), '700')
  await lease.leave()
})

t.test('a kept server stays until it is stopped', async (t) => {
  const status = await timed(t, 'db start', () => server.keep())
  t.match(status, {
    running: true,
    stays: true,
    host: '127.0.0.1',
    home,
    dataDirectory: data,
    version: /^18/,
  })
  t.ok(Math.abs(Date.now() - Number(status.startedAt)) < 3_600_000)
  t.equal(mode(join(cluster, 'kept')), '600')
  const lease = await server.join()
  await lease.leave()
  t.match(await server.status(), { running: true, pid: status.pid })

  const inside = await server.join()
  t.equal(await timed(t, 'db stop', () => server.stop()), true, 'also while somebody is in')
  t.ok(await gone(Number(status.pid)))
  await inside.leave()
  t.equal(await server.stop(), false)
  t.notOk(existsSync(join(cluster, 'kept')))
})

t.test('a killed command leaves nothing behind for good', async (t) => {
  const victim = new Command(home)
  await victim.said
  const { pid } = await server.status()
  await victim.kill()
  t.match(await server.status(), { running: true, pid }, 'its server is there')
  const lease = await server.join()
  t.match(await server.status(), { pid }, 'the next command uses it')
  // The dead one's session takes a moment to end; a command that left sooner would leave the server to the next.
  const sessions = `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'dasy lease'`
  while ((await query(lease.connection, sessions))[0] !== 1) await sleep(5)
  await lease.leave()
  t.ok(await gone(Number(pid)), 'and stops it')
})

t.test('a lease keeps no process alive', async (t) => {
  const script = `import { EmbeddedServer } from ${JSON.stringify(DIST)}
    await new EmbeddedServer({ home: process.argv[1] }).join()`
  const options = { encoding: 'utf8', timeout: 300_000 } as const
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script, home], options)
  t.equal(status, 0)
  t.ok(await server.stop())
})

t.test('what was committed survives the death of the server', async (t) => {
  await server.keep()
  const lease = await server.join()
  await query(lease.connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
  const busy = new pg.Client(lease.connection)
  busy.on('error', () => {})
  await busy.connect()
  const work = busy.query('SELECT count(*) FROM generate_series(1, 1e9)').catch((error: Error) => error)
  const { pid } = await server.status()
  process.kill(Number(pid), 'SIGKILL')
  t.ok(await gone(Number(pid)))
  t.match(
    await server.status(),
    { running: false, pid: null, stays: false },
    'a file with its number proves nothing',
  )

  // Its last process still computes, and holds the memory that the next server needs.
  const { stream } = (busy as unknown as { connection: { stream: { destroy(): void } } }).connection
  stream.destroy()
  t.ok((await work) instanceof Error)
  const next = await timed(t, 'a start after kill -9', () => server.join())
  t.same(await query(next.connection, 'SELECT answer FROM kept'), [42])
  t.match(
    await server.status(),
    { running: true, stays: false },
    'what was kept was that server, not the next',
  )
  t.equal(readdirSync(data).filter((name) => name.startsWith('.s.')).length, 2, 'the dead socket is removed')
  await lease.leave()
  t.ok((await server.status()).running, 'who was in the dead server does not stop the next')
  await next.leave()
  t.notOk((await server.status()).running)
})

t.test('a session that crashes takes the others along, but not the server', async (t) => {
  const lease = await server.join()
  const { pid } = await server.status()
  const [backend] = await query(
    lease.connection,
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'dasy lease'`,
  )
  process.kill(Number(backend), 'SIGKILL')
  await lease.leave()
  t.ok(await gone(Number(pid)), 'the last still stops it')

  const other = await server.join()
  await server.stop()
  await other.leave()
  t.notOk((await server.status()).running, 'who leaves a stopped server does not start it')
})

t.test("a dead server's number that is now another program's", async (t) => {
  const { uid, gid } = statSync(data)
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(root && { uid, gid }) })
  const pidFile = join(data, 'postmaster.pid')
  writeFileSync(pidFile, `${other.pid}\n${data}\n1700000000\n5432\n${data}\n127.0.0.1\n  1  1\nready   \n`)
  if (root) chownSync(pidFile, uid, gid)
  t.equal(await server.stop(), false, 'stop does not touch it')
  const lease = await server.join()
  t.ok((await server.status()).running)
  await lease.leave()
  t.equal(other.exitCode, null)
  other.kill()
})

t.test('a home that moves, to an odd and to a deep place', async (t) => {
  for (const name of ['a "quoted", comma & space', 'deep/'.repeat(30)]) {
    const moved = new EmbeddedServer({ home: join(folder, name) })
    mkdirSync(join(folder, name), { recursive: true })
    renameSync(cluster, join(folder, name, 'postgres'))
    const lease = await moved.join()
    t.same(await query(lease.connection, 'SELECT 1'), [1])
    t.equal(
      (await moved.status()).socket === null,
      name.length > 100,
      'a socket where its path is short enough',
    )
    await lease.leave()
    renameSync(join(folder, name, 'postgres'), cluster)
  }
})

t.test('data of another PostgreSQL', async (t) => {
  const file = join(data, 'PG_VERSION')
  const version = readFileSync(file)
  writeFileSync(file, '17\n')
  await t.rejects(server.join(), { code: 'EMBEDDED_VERSION', exitStatus: 4 })
  writeFileSync(file, version)
})

t.test('programs without their links, or where they cannot be mended', async (t) => {
  const as = root ? { uid: statSync(data).uid, gid: statSync(data).gid } : undefined
  const packaged = await packagedBinaries()
  const shelf = join(folder, 'shelf')
  const copies = await timed(t, 'two copies at once', () =>
    Promise.all([copiedBinaries(packaged, shelf, as), copiedBinaries(packaged, shelf, as)]),
  )
  t.equal(copies[0].folder, copies[1].folder)
  t.equal(readdirSync(shelf).length, 1, 'one of which remains')

  const [copy] = copies
  const links = JSON.parse(readFileSync(join(copy.folder, 'pg-symlinks.json'), 'utf8')) as {
    target: string
  }[]
  for (const { target } of links) unlinkSync(join(copy.folder, '..', target))
  if (process.platform === 'linux') t.notOk((await copy.check(as)).ok)
  t.ok(await copy.repair(as), 'mended')

  writeFileSync(copy.postgres, '')
  t.notOk(await copy.repair(as), 'beyond mending')
  t.ok((await (await copiedBinaries(packaged, shelf, as)).check(as)).ok, 'a broken copy is made again')
})

// Whether an ordinary user could run what `npm run build` made here.
const isOpen = root && spawnSync('test', ['-r', fileURLToPath(DIST)], NOBODY).status === 0
if (isOpen) {
  t.test("an ordinary user in root's home", async (t) => {
    const lease = await server.join()
    const command = new Command(home, NOBODY)
    t.match(await command.said, { error: 'EMBEDDED_HOME' })
    await command.leave()
    await lease.leave()
  })
}

t.test('destroy leaves nothing', async (t) => {
  const { pid } = await server.keep()
  mkdirSync(join(home, 'postgres.new-killed'))
  writeFileSync(join(home, 'of the user'), '')
  await timed(t, 'db destroy', () => server.destroy())
  t.ok(await gone(Number(pid)))
  t.same(readdirSync(home), ['of the user'], 'but what is not its own')
  rmSync(join(home, 'of the user'))
  await server.destroy()
  t.notOk(existsSync(home))
})

t.test('settings fit the machine', async (t) => {
  const small = settings({ memory: 512 * 2 ** 20, processors: 1 })
  t.match(small, { shared_buffers: '128MB', work_mem: '16MB', max_parallel_workers: '1' })
  const large = settings({ memory: 256 * 2 ** 30, processors: 64 })
  t.match(large, { shared_buffers: '1024MB', work_mem: '256MB', max_parallel_workers_per_gather: '8' })
})

if (root) {
  t.test('root, where the home is closed to the server', async (t) => {
    const closed = mkdtempSync(join(tmpdir(), 'dasy-closed-')) // 0700
    t.teardown(() => rmSync(closed, { recursive: true, force: true }))
    const notes: string[] = []
    const hidden = new EmbeddedServer({ home: join(closed, '.dasy'), note: (line) => notes.push(line) })
    const lease = await timed(t, 'a first start under /var/lib/dasy', () => hidden.join())
    t.match(notes, [/\/var\/lib\/dasy/])
    t.same(await query(lease.connection, 'SELECT 1'), [1])
    const { dataDirectory, pid } = await hidden.status()
    t.match(dataDirectory, /^\/var\/lib\/dasy\/homes\/dasy-closed-/)
    t.equal(mode(String(dataDirectory)), '700')
    t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^\/var\/lib\/dasy\/binaries\//)
    t.notOk(existsSync(join(closed, '.dasy')))
    await lease.leave()
    t.ok(await gone(Number(pid)))
    await hidden.destroy()
    t.notOk(existsSync(dirname(String(dataDirectory))))
  })
}

if (isOpen) {
  t.test('an ordinary user, and root after them', async (t) => {
    const own = join(folder, 'own')
    mkdirSync(own, { mode: 0o700 })
    chownSync(own, NOBODY.uid, NOBODY.gid)
    const command = new Command(join(own, '.dasy'), NOBODY)
    t.match(await command.said, { user: 'postgres' })
    const sudo = new EmbeddedServer({ home: join(own, '.dasy') })
    const { pid } = await sudo.keep()
    t.equal(statSync(`/proc/${pid}`).uid, NOBODY.uid)
    await command.leave()
    await sudo.stop()

    const lease = await sudo.join()
    t.equal(statSync(`/proc/${(await sudo.status()).pid}`).uid, NOBODY.uid, 'root starts it as its owner')
    await lease.leave()
    const after = new Command(join(own, '.dasy'), NOBODY)
    t.match(await after.said, { user: 'postgres' }, 'who can use it as before')
    await after.leave()
    t.notOk((await sudo.status()).running)
    await sudo.destroy()
  })
}
