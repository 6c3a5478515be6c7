/** Servers that refuse, redirect or are not there, and what HttpOrigin says of them. */
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { HttpOrigin } from '../../lib/source/http/origin.js'
import { isUrl } from '../../lib/source/url.js'
import { type Behaviour, type Seen, serve, times, type WebServer } from '../support/http-server.js'
import { allOf, content, opened, sameBytes } from './http-fixtures.js'

const CONTENT = content(9 * 1024 * 1024 + 7)
const impatient = { retryMs: 0 }

t.test('what is meant as a URL', async (t) => {
  for (const url of ['http://h/a.csv', 'HTTPS://h', 'ftp://h/a.csv', 's3://bucket/a.csv', 'file:///a.csv']) {
    t.ok(isUrl(url), url)
  }
  for (const path of [
    'a.csv',
    '/a/b.csv',
    './http:/a.csv',
    'c:\\a.csv',
    'c://a.csv',
    '-',
    'http:a.csv',
    '',
  ]) {
    t.notOk(isUrl(path), path)
  }
})

t.test('a URL that is none, or of another scheme', async (t) => {
  for (const url of [
    'http://',
    'http://h:99999/',
    'ftp://h/a.csv',
    'file:///etc/passwd',
    'http://a%zz:b@h/',
  ]) {
    await t.rejects(HttpOrigin.open(url, impatient), { code: 'BAD_URL', exitStatus: 2 }, url)
  }
})

for (const [status, code] of [
  [404, 'FILE_NOT_FOUND'],
  [410, 'FILE_NOT_FOUND'],
  [401, 'FILE_UNREADABLE'],
  [403, 'FILE_UNREADABLE'],
  [400, 'HTTP_STATUS'],
  [304, 'HTTP_STATUS'],
  [204, 'HTTP_STATUS'],
  [501, 'HTTP_STATUS'],
] as const) {
  t.test(`status ${status} is ${code} at once`, async (t) => {
    const server = await serve(t, CONTENT, { instead: () => ({ status }) })
    await t.rejects(opened(t, server), { code, exitStatus: 1, details: { status, file: server.url } })
    t.equal(server.requests.length, 1)
  })
}

for (const status of [408, 429, 500, 502, 503, 504]) {
  t.test(`status ${status} passes, at the beginning and later`, async (t) => {
    const often = times(2, { status })
    const server = await serve(t, CONTENT, { instead: ({ nth }) => (nth === 2 ? undefined : often()) })
    const origin = await opened(t, server)
    sameBytes(t, await allOf(origin.stream()), CONTENT)
    t.equal(server.bytesRepeated, 0)
  })
}

t.test('a server that is gone', async (t) => {
  const server = await serve(t, CONTENT)
  const origin = await opened(t, server, { retryMs: 300 })
  server.stop()
  await t.rejects(allOf(origin.stream()), {
    code: 'READ_FAILED',
    details: { errno: 'ECONNREFUSED', byte: 256 * 1024 },
  })
  await t.rejects(opened(t, server, impatient), {
    code: 'FILE_UNREACHABLE',
    exitStatus: 1,
    details: { errno: 'ECONNREFUSED' },
  })
})

t.test('a host that nobody knows, and a port where something else listens', async (t) => {
  await t.rejects(HttpOrigin.open('http://nowhere.invalid/a.csv', impatient), { code: 'FILE_UNREACHABLE' })
  const other = createServer((socket) => socket.on('error', () => {}).end('220 mail.example.com ESMTP\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  for (const scheme of ['http', 'https']) {
    const url = `${scheme}://127.0.0.1:${port}/a.csv`
    await t.rejects(HttpOrigin.open(url, { retryMs: 10_000 }), { code: 'FILE_UNREACHABLE' }, scheme)
  }
})

t.test('an answer in a coding that was not asked for', async (t) => {
  const server = await serve(t, CONTENT, { headers: { 'Content-Encoding': 'br' } })
  await t.rejects(opened(t, server), { code: 'READ_FAILED' })
  const gzip = await serve(t, CONTENT, { headers: { 'Content-Encoding': 'gzip' } })
  sameBytes(t, await allOf((await opened(t, gzip)).stream()), CONTENT)
})

/** A server whose other paths lead on. */
function redirecting(
  t: Test,
  to: (seen: Seen) => string | undefined,
  more: Behaviour = {},
): Promise<WebServer> {
  return serve(t, CONTENT, {
    ...more,
    instead: (seen) => {
      if (seen.path.startsWith('/data.csv')) return undefined
      const location = to(seen)
      return { status: 302, headers: location === undefined ? {} : { Location: location } }
    },
  })
}

t.test('redirects are followed once, and what they led to is asked from then on', async (t) => {
  const other = await serve(t, CONTENT)
  const server = await redirecting(t, ({ path }) => (path === '/a' ? '/b?c' : other.url))
  const url = server.url.replace('data.csv', 'a')
  const origin = await opened(t, { url })
  sameBytes(t, await allOf(origin.stream()), CONTENT)
  t.equal(origin.name, url)
  t.same(
    server.requests.map(({ path }) => path),
    ['/a', '/b?c'],
  )
})

for (const [name, location, message] of [
  ['a circle', '/again', /more than 5 redirects/],
  ['a file', 'file:///etc/passwd', /file:/],
  ['another scheme', 'ftp://h/a', /ftp:/],
  ['no URL', 'http://', /invalid URL/],
  ['nowhere', undefined, /has no location/],
] as const) {
  t.test(`a redirect to ${name} fails`, async (t) => {
    const server = await redirecting(t, () => location)
    const url = server.url.replace('data.csv', 'again')
    await t.rejects(opened(t, { url }), { code: 'REDIRECT_FAILED', message, details: { file: url } })
    t.ok(server.requests.length <= 6)
  })
}

t.test('a right that expires half way is asked for again', async (t) => {
  const valid = (seen: Seen) => seen.path === `/data.csv?${server.requests.length < 4 ? 'old' : 'new'}`
  const server: WebServer = await serve(t, CONTENT, {
    instead: (seen) => {
      if (seen.path === '/a')
        return { status: 307, headers: { Location: `/data.csv?${seen.nth < 4 ? 'old' : 'new'}` } }
      return valid(seen) ? undefined : { status: 403 }
    },
  })
  const origin = await opened(t, { url: server.url.replace('data.csv', 'a') }, impatient)
  sameBytes(t, await allOf(origin.stream()), CONTENT)
  t.equal(server.bytesRepeated, 0)
})

t.test('user and password are for their host only, and are never shown', async (t) => {
  const other = await serve(t, CONTENT)
  const server = await redirecting(t, () => other.url)
  const url = server.url
    .replace('http://', 'http://me:s%40cret@')
    .replace('data.csv', 'a.csv?Signature=s3cret#part')
  const origin = await opened(t, { url })
  t.equal(server.requests[0]?.headers.authorization, `Basic ${Buffer.from('me:s@cret').toString('base64')}`)
  t.equal(other.requests[0]?.headers.authorization, undefined)
  t.equal(origin.name, server.url.replace('data.csv', 'a.csv'))
  t.equal(origin.path, server.url.replace('data.csv', 'a.csv?Signature=s3cret'))
  server.stop()
  const error = await opened(t, { url }, impatient).catch((error) => error)
  t.notMatch(`${error.message}${error.hint}${JSON.stringify(error.details)}`, /cret|me:/)
})
