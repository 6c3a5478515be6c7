import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type ClientRequest, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { EarlyAnswer, limits } from '../../lib/service/early-answer.js'
import { canMount, fullDisk } from '../service/full-disk.js'
import { RawConnection, type RawRequest } from '../service/raw-connection.js'
import { Served } from '../service/served.js'

/** Requests that are answered before all of their body has arrived: clients get the answer, and the next one without delay. */

const MiB = 1024 ** 2

/** What is sent after the answer. One is larger than what the buffers of both systems take. */
const RESTS = { small: 10_000, large: 24 * MiB }

/** Only there to end what hangs: the service closes a connection that is kept for nothing after 72 seconds. */
const LIMIT_MS = 20_000

interface Early extends RawRequest {
  readonly status: number
  /** So much has to arrive before the service can answer. */
  readonly before?: number
  /** Fastify and the library for tus keep no connection on which they have given up a body. */
  readonly closes?: boolean
}

const CHUNKED = { 'transfer-encoding': 'chunked' }
const TUS = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
const FORM = { 'content-type': 'multipart/form-data; boundary=x' }
const PART = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'

const END = '\r\n--x--\r\n'

/** A service that takes a KiB, and requests that it answers early. */
async function refused(served: Served): Promise<Record<string, Early>> {
  const authorization = `Bearer ${served.token}`
  const read = `Bearer ${await served.tokenOf('read')}`
  const begun = await served.fetch('POST', '/v1/uploads', { headers: { ...TUS, 'upload-length': '100' } })
  const upload = { method: 'PATCH', path: begun.headers.get('location') as string }
  const none = { method: 'PATCH', path: `/v1/uploads/${randomUUID()}` }
  const [load, tokens] = [
    { method: 'POST', path: '/v1/runs' },
    { method: 'POST', path: '/v1/tokens' },
  ]
  const json = { 'content-type': 'application/json' }
  return {
    'an unknown token': { ...load, headers: { authorization: 'Bearer no' }, status: 401 },
    'a scope that is too small': { ...load, headers: { authorization: read }, status: 403 },
    'no such path': { method: 'POST', path: '/v1/none', headers: { authorization }, status: 404 },
    'no such upload': { ...none, headers: { authorization, ...TUS, 'upload-offset': 0 }, status: 404 },
    'an upload that is elsewhere': {
      ...upload,
      headers: { authorization, ...TUS, 'upload-offset': 9 },
      status: 409,
      closes: true,
    },
    'a length that is too large': { ...load, headers: { authorization }, status: 413 },
    'a body that becomes too large': {
      ...load,
      headers: { authorization, ...CHUNKED },
      status: 413,
      before: 2000,
    },
    'a form that becomes too large': {
      ...load,
      headers: { authorization, ...FORM, ...CHUNKED },
      status: 413,
      before: 2000,
    },
    'JSON that becomes too large': {
      ...tokens,
      headers: { authorization, ...json, ...CHUNKED },
      status: 413,
      before: 17 * MiB,
      closes: true,
    },
  }
}

/** The body: what is sent before the answer, and the rest. */
function bytesOf({ headers, before = 0 }: Early, rest: number): [Buffer, Buffer] {
  const [first, last] = [Buffer.alloc(before, 'x'), Buffer.alloc(rest, 'y')]
  if (headers['content-type'] === FORM['content-type']) {
    first.write(PART)
    last.write(END, rest - END.length)
  }
  return [first, last]
}

/** Sends the rest only after the answer. */
async function sendsLater(t: Test, served: Served, early: Early, rest: number): Promise<void> {
  const isChunked = 'transfer-encoding' in early.headers
  const [first, last] = bytesOf(early, rest)
  const length = first.length + last.length
  const headers = isChunked ? early.headers : { ...early.headers, 'content-length': length }
  const connection = await RawConnection.to(t, served.url)
  await connection.begin({ ...early, headers })
  if (isChunked) await connection.send(`${length.toString(16)}\r\n`)
  await connection.send(first)
  t.equal((await connection.answer()).status, early.status, 'it is answered before the rest is sent')
  await connection.send(last)
  if (isChunked) await connection.send('\r\n0\r\n\r\n')
  if (early.closes) return await connection.end()
  await connection.begin({ method: 'GET', path: '/healthz', headers: {} })
  t.equal((await connection.answer()).status, 200, 'the connection takes the next request')
}

/** Asks for the connection to be closed, and reads nothing before all is sent. */
async function readsLater(t: Test, served: Served, early: Early): Promise<void> {
  const [first, last] = bytesOf(early, RESTS.large)
  const length = first.length + last.length
  const isChunked = 'transfer-encoding' in early.headers
  const headers = { ...early.headers, connection: 'close', ...(!isChunked && { 'content-length': length }) }
  const connection = await RawConnection.to(t, served.url)
  await connection.begin({ ...early, headers })
  if (isChunked) await connection.send(`${length.toString(16)}\r\n`)
  await connection.send(first)
  await connection.send(last)
  if (isChunked) await connection.send('\r\n0\r\n\r\n')
  t.equal((await connection.answer()).status, early.status, 'a client that reads later gets the answer')
  await connection.end()
}

async function fetched(t: Test, served: Served, early: Early, rest: number): Promise<void> {
  const { method, path, headers, status } = early
  const body = new Blob(bytesOf(early, rest) as never).stream()
  const whole = Buffer.concat(bytesOf(early, rest))
  const { 'transfer-encoding': chunked, ...others } = headers as Record<string, string>
  const signal = AbortSignal.timeout(LIMIT_MS)
  const options = { headers: others, body: chunked ? body : whole, token: null, signal }
  const answer = await served.fetch(method, path, options)
  t.equal(answer.status, status, 'fetch')
  t.ok((await answer.text()).length > 0)
  t.equal((await served.fetch('GET', '/healthz', { signal: AbortSignal.timeout(LIMIT_MS) })).status, 200)
}

async function withAgent(t: Test, served: Served, early: Early, rest: number): Promise<void> {
  // All go over one connection, if it is kept.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const answerOf = async (sent: ClientRequest): Promise<number | undefined> => {
    const signal = AbortSignal.timeout(LIMIT_MS)
    const [answer] = (await once(sent, 'response', { signal })) as [IncomingMessage]
    await text(answer)
    return answer.statusCode
  }
  const { method, path, headers } = early
  const sent = request(new URL(path, served.url), { agent, method, headers: headers as never })
  sent.end(Buffer.concat(bytesOf(early, rest)))
  t.equal(await answerOf(sent), early.status, 'Agent')
  t.equal(await answerOf(request(new URL('/healthz', served.url), { agent }).end()), 200)
}

async function everyClient(t: Test, served: Served, early: Early): Promise<void> {
  for (const [name, rest] of Object.entries(RESTS)) {
    t.comment(`the rest is ${name}`)
    await sendsLater(t, served, early, rest)
    await fetched(t, served, early, rest)
    await withAgent(t, served, early, rest)
  }
  await readsLater(t, served, early)
}

t.test('who is refused early gets the answer, and the next one', async (t) => {
  const served = await Served.of(t, '--max-upload', '1KiB')
  for (const [name, early] of Object.entries(await refused(served)))
    await t.test(name, (t) => everyClient(t, served, early))
})

t.test('on a full disk', { skip: canMount ? false : 'nothing can be mounted here' }, async (t) => {
  const served = await Served.of(t)
  fullDisk(t, join(served.home, 'uploads'))
  const headers = { authorization: `Bearer ${served.token}` }
  const full = { method: 'POST', path: '/v1/runs', headers, status: 507, before: MiB }
  await t.test('a body', (t) => everyClient(t, served, full))
  const form = { ...full, headers: { ...headers, ...FORM } }
  await t.test('a form', (t) => everyClient(t, served, form))
})

t.test('nobody is listened to for ever', async (t) => {
  const server = createServer({ ServerResponse: EarlyAnswer }, (_, response) =>
    response.writeHead(401, { 'content-length': 2 }).end('no'),
  ).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const begun = async (): Promise<RawConnection> => {
    const connection = await RawConnection.to(t, url)
    await connection.begin({ method: 'POST', path: '/', headers: { 'content-length': 1024 * MiB } })
    t.same(await connection.answer(), { status: 401, body: 'no' })
    return connection
  }
  limits.bytes = MiB
  const much = await begun()
  const flood = async (): Promise<void> => {
    for (let sent = 0; sent < 512; sent += 1) await much.send(Buffer.alloc(MiB))
  }
  await t.rejects(flood(), /EPIPE|ECONNRESET/, 'who sends more than is allowed')
  limits.ms = 100
  await (await begun()).end()
  t.pass('who sends nothing')
})
