import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { failsForPrograms } from '../support/cli-failure.js'
import { CliProcess, hasTerminal } from '../support/cli-process.js'
import { testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { Served } from './served.js'

t.test('it serves until it is asked to stop, and leaves nothing', async (t) => {
  const served = await Served.of(t)
  t.match(served.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.same(await served.json('GET', '/healthz', { token: null }), { status: 'ok' })
  t.same(await served.json('GET', '/readyz', { token: null }), { status: 'ok' })
  await served.fails('GET', '/v1/nothing', 404, 'NOT_FOUND')
  await served.fails('GET', '/nothing', 404, 'NOT_FOUND', { token: null })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const ended = await served.stop(signal)
    t.match(ended, { status: 0, stderr: '' }, signal)
    t.match(ended?.stdout, /serve\.stopped/)
    t.same(await served.db.lastingStrangers(), [], 'no session')
    await served.start()
  }
})

t.test('the first token is in a file that only its owner can read, or shown on a terminal', async (t) => {
  const served = await Served.of(t)
  const file = join(served.home, 'admin-token')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(readFileSync(file, 'utf8'), `${served.token}\n`)
  t.notMatch(served.process?.stdout, served.token, 'it is not printed')
  const stored = await served.db.rows('SELECT * FROM dasy.tokens')
  t.notMatch(JSON.stringify(stored), served.token, 'it is not stored')
  await served.stop()
  const again = await served.start()
  t.match(again.stdout, '"token":null,"tokenFile":null', 'the second time there is one')
  t.match(await served.json('GET', '/v1/tokens'), { tokens: [{ name: 'admin', scope: 'admin' }] })

  if (!hasTerminal()) return
  const [db, cwd] = [await testDatabase(t), folder(t)]
  const env = { DATABASE_URL: db.url }
  const terminal = CliProcess.start(t, ['serve', '--port', '0'], { env, cwd, columns: 200 })
  await terminal.until('it shows the token', () => /shown only now: dasy_\S{43}\r?\n/.test(terminal.stdout))
  await terminal.interrupt()
})

t.test('a port that is taken, and other addresses at which it cannot listen', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const taken = { status: 1, code: 'PORT_IN_USE', says: [`${port}`, '--port'] }
  await failsForPrograms(t, ['serve', '--port', `${port}`], taken, options)
  const foreign = { status: 1, code: 'LISTEN_FAILED', says: ['192.0.2.1'] }
  await failsForPrograms(t, ['serve', '--host', '192.0.2.1', '--port', '0'], foreign, options)
  const bad = (flag: string, value: string) =>
    failsForPrograms(t, ['serve', flag, value], { status: 2, code: 'BAD_OPTION', says: [flag] }, options)
  await bad('--port', '70000')
  await bad('--max-upload', 'much')
  await bad('--public-url', 'shop.example')
  const alone = { status: 2, code: 'USAGE', says: ['--tls-cert', '--tls-key'] }
  await failsForPrograms(t, ['serve', '--tls-cert', 'x.pem'], alone, options)
  const missing = { status: 1, code: 'TLS_UNREADABLE', says: ['x.pem'] }
  await failsForPrograms(t, ['serve', '--tls-cert', 'x.pem', '--tls-key', 'x.pem'], missing, options)
  const unreachable = { env: { DATABASE_URL: 'postgresql://me@127.0.0.1:1/x' } }
  await failsForPrograms(t, ['serve'], { status: 4, code: 'CONNECTION_FAILED', says: [] }, unreachable)
})

t.test('https', async (t) => {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder(t), name)) as [string, string]
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  ])
  t.equal(made.status, 0, 'openssl')
  const served = await Served.of(t, '--tls-cert', cert, '--tls-key', key)
  t.match(served.url, /^https:/)
  const ca = readFileSync(cert)
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(`${served.url}/healthz`, { ca, agent: false }, resolve).once('error', reject),
  )
  t.equal(response.statusCode, 200)
  t.hasProp(response.headers, 'strict-transport-security')
  writeFileSync(key, 'no key')
  const broken = { status: 1, code: 'TLS_UNREADABLE', says: ['--tls-key'] }
  await failsForPrograms(t, ['serve', '--tls-cert', cert, '--tls-key', key], broken, { env: served.env })
})

t.test('headers keep pages of others out', async (t) => {
  const served = await Served.of(t)
  const { headers } = await served.fetch('GET', '/v1/tokens', { headers: { origin: 'https://evil.example' } })
  t.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
  t.equal(headers.get('x-content-type-options'), 'nosniff')
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal(headers.get('access-control-allow-origin'), null)
  const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  const options = await served.fetch('OPTIONS', '/v1/tokens', { token: null, headers: preflight })
  t.equal(options.headers.get('access-control-allow-origin'), null)
  t.equal(options.status, 404)
})
