import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import * as tus from 'tus-js-client'
import { Served } from '../service/served.js'
import { FaultyNetwork } from '../support/proxy.js'

interface Sent {
  readonly id: string
  readonly requests: string[]
}

/** Uploads as the page does. */
function send(
  served: Served,
  url: string,
  content: Buffer,
  filename?: string,
  token = served.token,
): Promise<Sent> {
  const requests: string[] = []
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(content as never, {
      endpoint: `${url}/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      ...(filename !== undefined && { metadata: { filename } }),
      chunkSize: 512 * 1024,
      retryDelays: [100, 200, 500, 1000, 2000, 4000],
      onBeforeRequest: (request) => {
        requests.push(`${request.getMethod()} ${request.getHeader('Upload-Offset') ?? ''}`.trim())
      },
      onError: reject,
      onSuccess: () => resolve({ id: upload.url?.split('/').at(-1) as string, requests }),
    })
    upload.start()
  })
}

const content = Buffer.from(
  `sku,name\n${Array.from({ length: 150_000 }, (_, n) => `${n},name of ${n}\n`).join('')}`,
)

t.test('an upload that is cut goes on where it was, also after the service was started again', async (t) => {
  const served = await Served.of(t, '--port', '0')
  const { hostname: host, port } = new URL(served.url)
  const network = await FaultyNetwork.start({ host, port: Number(port) })
  t.teardown(() => network.close())
  network.expect({ fault: 'reset', when: ({ direction, bytes }) => direction === 'up' && bytes > 1_200_000 })
  const url = `http://127.0.0.1:${network.port}`
  const { id, requests } = await send(served, url, content, '../goods.csv')
  t.equal(network.befallen, 1)
  t.ok(requests.includes('HEAD'), 'it asked how far it was')
  t.notOk(requests.slice(requests.indexOf('HEAD')).includes('PATCH 0'), 'and did not begin again', {
    requests,
  })
  t.match(id, /^[0-9a-f-]{36}$/)
  t.match(await served.json('POST', '/v1/inspect', { json: { upload: id } }), {
    source: 'goods.csv',
    records: 150_000,
  })
  const run = await served.json('POST', '/v1/runs', { json: { upload: id, wait: true } })
  t.match(run, {
    status: 'completed',
    source: 'goods.csv',
    rows: { inserted: 150_000 },
    bytes: content.length,
  })
  for (let tries = 0; tries < 300 && readdirSync(join(served.home, 'uploads')).length > 0; tries++)
    await sleep(100)
  t.same(readdirSync(join(served.home, 'uploads')), [], 'it is removed when it is loaded')
  await served.fails('POST', '/v1/runs', 404, 'UPLOAD_NOT_FOUND', { json: { upload: id } })
})

t.test('the protocol, step by step', async (t) => {
  const served = await Served.of(t)
  const version = { 'tus-resumable': '1.0.0' }
  const begin = (headers: Record<string, string>, token?: string) =>
    served.fetch('POST', '/v1/uploads', { token, headers: { ...version, ...headers } })
  t.equal((await begin({ 'upload-length': '99999999999999' })).status, 413)
  const made = await begin({ 'upload-length': '15' })
  t.equal(made.status, 201)
  const path = made.headers.get('location') as string
  t.match(path, /^\/v1\/uploads\/[0-9a-f-]{36}$/)
  t.equal(made.headers.get('access-control-allow-origin'), null)
  t.equal(made.headers.get('x-content-type-options'), 'nosniff')
  const id = path.split('/').at(-1) as string
  const patch = (offset: number, body: string, token?: string) =>
    served.fetch('PATCH', path, {
      token,
      body,
      headers: {
        ...version,
        'upload-offset': `${offset}`,
        'content-type': 'application/offset+octet-stream',
      },
    })
  t.equal((await patch(0, 'sku,name\n')).status, 204)
  t.equal((await patch(0, 'sku,name\n')).status, 409, 'from another place')
  const early = await served.fails('POST', '/v1/runs', 404, 'UPLOAD_NOT_FOUND', { json: { upload: id } })
  t.match(early.detail, 'not all of it')

  const other = await served.tokenOf('write')
  t.equal((await patch(9, 'a,Ann\n', other)).status, 404, 'it belongs to the token with which it was begun')
  t.equal((await served.fetch('HEAD', path, { token: other, headers: version })).status, 404)
  await served.fails('POST', '/v1/runs', 404, 'UPLOAD_NOT_FOUND', { json: { upload: id }, token: other })
  const read = await served.tokenOf('read')
  t.equal((await begin({ 'upload-length': '1' }, read)).status, 403)

  await served.stop()
  await served.start()
  const head = await served.fetch('HEAD', path, { headers: version })
  t.equal(head.headers.get('upload-offset'), '9')
  t.equal((await patch(9, 'a,Ann\n')).status, 204)
  t.match(await served.json('POST', '/v1/runs', { json: { upload: id, wait: true, plan: true } }), {
    status: 'planned',
  })
  t.match(await served.json('POST', '/v1/runs', { json: { upload: id, wait: true } }), {
    rows: { inserted: 1 },
  })
  t.ok(existsSync(join(served.home, 'uploads', id)), 'it stays while a plan may need it')

  for (const name of ['../admin-token', '..%2fadmin-token', `${id}.json`, 'x', '%00'])
    await served.fails('POST', '/v1/runs', 404, 'UPLOAD_NOT_FOUND', { json: { upload: name } })
  t.equal((await served.fetch('HEAD', '/v1/uploads/..%2fadmin-token', { headers: version })).status, 404)
  t.equal((await served.fetch('DELETE', path, { headers: version })).status, 204)
  t.notOk(existsSync(join(served.home, 'uploads', id)))
})

t.test('a form that is cut, or is none, is the client’s fault', async (t) => {
  const served = await Served.of(t)
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const cut = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\nsku,name\n'
  await served.fails('POST', '/v1/runs', 400, 'UPLOAD_BROKEN', { body: cut, headers })
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { body: 'sku,name\n', headers })
  t.same(readdirSync(join(served.home, 'uploads')), [])
})

t.test('what nothing uses is removed after a day', async (t) => {
  const served = await Served.of(t)
  const { id } = await send(served, served.url, Buffer.from('sku\n1\n'))
  await served.stop()
  const folder = join(served.home, 'uploads')
  mkdirSync(folder, { recursive: true })
  const fresh = '00000000-0000-4000-8000-000000000000'
  writeFileSync(join(folder, fresh), 'sku')
  const yesterday = Date.now() / 1000 - 25 * 3600
  utimesSync(join(folder, id), yesterday, yesterday)
  await served.start()
  const isThere = () => existsSync(join(folder, id)) || existsSync(join(folder, `${id}.json`))
  for (let tries = 0; tries < 300 && isThere(); tries++) await sleep(100)
  t.same(readdirSync(folder), [fresh])
})
