import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Served } from '../service/served.js'
import { FaultyNetwork } from '../support/proxy.js'

const CSV = 'sku,name\na,Ann\n'

/** A connection on which the test writes what it likes. */
async function raw(t: Test, served: Served): Promise<{ socket: Socket; answer: () => Promise<string> }> {
  const { hostname, port } = new URL(served.url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  const answer = async (): Promise<string> => {
    for (let tries = 0; tries < 200 && !/\r\n\r\n/.test(text); tries++) await sleep(50)
    return text
  }
  return { socket, answer }
}

t.test('requests that make no sense are answered as problems', async (t) => {
  const served = await Served.of(t)
  const headers = { 'content-type': 'application/json' }
  await served.fails('GET', '/v1/runs/%', 400, 'USAGE')
  await served.fails('GET', '/v1/runs/%ff/events', 400, 'USAGE')
  await served.fails('GET', '/v1/../../etc/passwd', 404, 'NOT_FOUND')
  await served.fails('GET', '/v1/runs/1%2f..%2f2', 400, 'BAD_OPTION')
  await served.fails('GET', `/v1/runs/${'9'.repeat(400)}`, 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/runs/9007199254740991', 404, 'RUN_NOT_FOUND')
  await served.fails('PUT', '/v1/runs', 404, 'NOT_FOUND')
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { body: '{"url": ', headers })
  await served.fails('POST', '/v1/runs', 400, 'BAD_OPTION', { body: '[]', headers })
  await served.fails('POST', '/v1/runs', 400, 'BAD_OPTION', { body: 'null', headers })
  const nested = '{"url":"http://example.com/","map":{"__proto__":{"x":"y"}}}'
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { body: nested, headers })
  const deep = `${'{"map":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  t.equal((await served.fetch('POST', '/v1/runs', { body: deep, headers })).status, 400)
  const huge = JSON.stringify({ url: 'x'.repeat(20_000_000) })
  await served.fails('POST', '/v1/runs', 413, 'UPLOAD_TOO_LARGE', { body: huge, headers })
  await served.fails('GET', '/v1/runs', 401, 'UNAUTHORIZED', { token: 'x'.repeat(10_000) })
  const smuggled = await raw(t, served)
  smuggled.socket.write(
    'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  )
  t.match(await smuggled.answer(), /^HTTP\/1\.1 400/)
  t.same(await served.json('GET', '/healthz'), { status: 'ok' })
  t.equal(served.process?.stderr.includes('fault in dasy'), false)
})

t.test('clients that are slow, or go away, hold up nobody', async (t) => {
  const served = await Served.of(t)
  const authorization = `Authorization: Bearer ${served.token}`
  const slow = await Promise.all(Array.from({ length: 50 }, () => raw(t, served)))
  for (const { socket } of slow)
    socket.write(`POST /v1/runs HTTP/1.1\r\nHost: x\r\n${authorization}\r\nContent-Length: 100\r\n\r\ns`)
  t.match(await served.json('POST', '/v1/runs?wait=true', { body: CSV }), { rows: { inserted: 1 } })
  for (const { socket } of slow) socket.write('k')
  t.match(await served.json('GET', '/v1/runs'), { runs: [{ run: 1 }] })
  for (const { socket } of slow) socket.destroy()

  const release = await served.db.client()
  await release.query('BEGIN; LOCK TABLE products IN SHARE MODE')
  const left = new AbortController()
  const waiting = served.fetch('POST', '/v1/runs?wait=true', {
    body: 'sku,name\nb,Bob\n',
    signal: left.signal,
  })
  for (;;) {
    if (await served.db.value<boolean>('SELECT EXISTS (SELECT FROM dasy.runs WHERE run = 2)')) break
    await sleep(50)
  }
  left.abort()
  await waiting.catch(() => {})
  await release.query('COMMIT')
  while ((await served.json('GET', '/v1/runs/2')).status !== 'completed') await sleep(100)
  t.pass('its run goes on')
})

t.test('a service that is stopped lets what is at work end', async (t) => {
  const served = await Served.of(t)
  const { socket, answer } = await raw(t, served)
  socket.write(
    `POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${served.token}\r\nContent-Length: ${CSV.length}\r\n\r\n${CSV.slice(0, 5)}`,
  )
  await sleep(500)
  const { url } = served
  const stopped = served.stop()
  await sleep(500)
  await t.rejects(fetch(`${url}/healthz`), 'no new request')
  socket.write(CSV.slice(5))
  t.match(await answer(), /^HTTP\/1\.1 202/)
  t.match(await stopped, { status: 0 })
  await served.start()
  while ((await served.json('GET', '/v1/runs/1')).status !== 'completed') await sleep(100)
  const { socket: hung } = await raw(t, served)
  hung.write(
    `POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${served.token}\r\nContent-Length: 99\r\n\r\ns`,
  )
  await sleep(300)
  t.match(await served.stop(), { status: 0 }, 'but not for ever')
})

t.test('while the database is gone it says so, and is well again after that', async (t) => {
  const served = await Served.of(t)
  await served.json('POST', '/v1/runs?wait=true', { body: CSV })
  await served.stop()
  const target = new URL(served.db.url)
  const network = await FaultyNetwork.start({ host: target.hostname, port: Number(target.port) })
  t.teardown(() => network.close())
  target.hostname = '127.0.0.1'
  target.port = `${network.port}`
  served.databaseUrl = target.href
  await served.start()
  t.match(await served.json('GET', '/v1/runs'), { runs: [{ run: 1 }] })
  network.breakDown('reset')
  await sleep(300)
  for (const path of ['/readyz', '/v1/runs', '/v1/runs/1/changes']) {
    const response = await served.fetch('GET', path)
    t.equal(response.status, 503, path)
    t.match(response.headers.get('retry-after'), /^\d+$/, path)
    const text = await response.text()
    t.match(JSON.parse(text), { code: /^CONNECTION_/, status: 503 })
    t.notMatch(text, target.username, 'nothing of how it is reached')
  }
  t.equal((await served.fetch('GET', '/healthz')).status, 200)
  await served.fails('POST', '/v1/runs', 503, 'CONNECTION_FAILED', { body: CSV })
  network.mend()
  for (let tries = 0; tries < 100; tries++) {
    if ((await served.fetch('GET', '/readyz')).status === 200) break
    await sleep(100)
  }
  const load = await served.json('POST', '/v1/runs?wait=true', { body: 'sku,name\nb,Bob\n' })
  t.match(load, { status: 'completed', rows: { inserted: 1 } })
})
