import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { canMount, fullDisk } from '../service/full-disk.js'
import { Served } from '../service/served.js'

/** What whoever runs the service has to do with: a server before it, a disk that is full. */

const CSV = 'sku,name\na,Ann\n'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

t.test('behind another server clients know it by the address of that', async (t) => {
  const port = `${await freePort()}`
  const served = await Served.of(t, '--public-url', 'https://shop.example', '--port', port)
  t.equal(served.url, 'https://shop.example', 'it is said')
  served.url = `http://127.0.0.1:${port}`
  const signIn = (origin: string) => ({
    token: null,
    json: { token: served.token },
    headers: { 'x-requested-with': 'dasy', origin, 'sec-fetch-site': 'same-origin' },
  })
  const answer = await served.fetch('POST', '/v1/session', signIn('https://shop.example'))
  t.equal(answer.status, 200)
  t.match(answer.headers.get('set-cookie'), /; Secure/, 'the cookie goes by https only')
  t.hasProp(Object.fromEntries(answer.headers), 'strict-transport-security')
  await served.fails('POST', '/v1/session', 403, 'CROSS_SITE', signIn('https://evil.example'))
  await served.fails('POST', '/v1/session', 403, 'CROSS_SITE', signIn('http://shop.example'))
  await served.stop()
})

t.test('attempts are counted by the address that a trusted server names, and by no other', async (t) => {
  const guess = (served: Served, from: string) =>
    served.fetch('GET', '/v1/session', { token: 'dasy_guess', headers: { 'x-forwarded-for': from } })
  const flood = (served: Served) => Array.from({ length: 40 }, () => guess(served, '198.51.100.1'))

  const trusting = await Served.of(t, '--trust-proxy', '127.0.0.1')
  const first = flood(trusting)
  t.ok((await Promise.race(first.map((each) => each.then(({ status }) => status)))) > 0)
  t.equal((await guess(trusting, '198.51.100.2')).status, 401, 'another address is not slowed down')
  const statuses = (await Promise.all(first)).map(({ status }) => status)
  t.ok(statuses.includes(429), 'this one is')

  const strict = await Served.of(t)
  const second = flood(strict)
  const others = Array.from({ length: 40 }, (_, n) => guess(strict, `198.51.100.${n + 2}`))
  const answers = (await Promise.all([...second, ...others])).map(({ status }) => status)
  t.ok(
    answers.filter((status) => status === 429).length >= 40,
    'what a client says of itself is not believed',
  )
})

t.test(
  'on a full disk a file is refused, and nothing is left of it',
  { skip: canMount ? false : 'nothing can be mounted here' },
  async (t) => {
    const served = await Served.of(t)
    const folder = join(served.home, 'uploads')
    fullDisk(t, folder)
    const body = `${CSV}${'b,Bob\n'.repeat(100_000)}`
    await served.fails('POST', '/v1/runs', 507, 'DISK_FULL', { body })
    const form = new FormData()
    form.set('file', new File([body], 'a.csv'))
    await served.fails('POST', '/v1/runs', 507, 'DISK_FULL', { body: form })
    t.same(readdirSync(folder), [], 'nothing is left of it')

    const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
    const length = { 'upload-length': `${body.length}` }
    const begun = await served.fetch('POST', '/v1/uploads', { headers: { ...tus, ...length } })
    const path = begun.headers.get('location') as string
    const send = (offset: number, end = body.length) =>
      served.fetch('PATCH', path, {
        headers: { ...tus, 'upload-offset': `${offset}` },
        body: body.slice(offset, end),
      })
    const refused = await send(0)
    t.equal(refused.status, 507)
    t.match(await refused.text(), /the disk of the service is full/)
    const { headers } = await served.fetch('HEAD', path, { headers: tus })
    const arrived = Number(headers.get('upload-offset'))
    t.ok(arrived > 100_000, 'what has arrived is kept')
    t.equal((await send(arrived, arrived + 10)).status, 507, 'a few bytes do not fit either')
    spawnSync('mount', ['-o', 'remount,size=2m', folder])
    t.equal((await send(arrived)).status, 204, 'it goes on when there is room')
    t.equal(readFileSync(join(folder, path.split('/').at(-1) as string), 'utf8'), body)
  },
)
