/** A service behind a real nginx, with deploy/nginx/dasy.conf. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePort } from '../observe/prometheus.js'
import { Served } from '../service/served.js'
import { folder } from '../support/files.js'
import { ROOT } from './yaml.js'

const isMissing = spawnSync('nginx', ['-v']).error !== undefined
const skip = isMissing && !process.env.CI ? 'there is no nginx (apt-get install nginx-light)' : false

/** Starts it with our configuration, but for addresses and the certificate. */
async function startNginx(t: Test, upstream: string, port: number): Promise<void> {
  const where = folder(t)
  // Its workers are another user.
  chmodSync(where, 0o755)
  const [key, certificate] = [join(where, 'key.pem'), join(where, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-days', '1', '-keyout', key, '-out', certificate]
  spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...subject,
  ])
  const site = readFileSync(`${ROOT}/deploy/nginx/dasy.conf`, 'utf8')
    .replace('127.0.0.1:8080', new URL(upstream).host)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace(/ssl_certificate \S+;/, `ssl_certificate ${certificate};`)
    .replace(/ssl_certificate_key \S+;/, `ssl_certificate_key ${key};`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${where}/${name};`)
    .join(' ')
  const path = join(where, 'nginx.conf')
  writeFileSync(
    path,
    `daemon off; pid ${where}/pid; error_log ${where}/errors; events {} http { access_log off; ${temporary}\n${site}}`,
  )
  const child = spawn('nginx', ['-c', path, '-p', where], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  while (!(await fetch(`https://127.0.0.1:${port}/healthz`).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(readFileSync(`${where}/errors`, 'utf8'))
    await sleep(50)
  }
}

/** Reads a stream until it has what is looked for. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  let seen = ''
  while (!seen.includes(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`never ${text}: ${seen}`)
    seen += Buffer.from(value).toString()
  }
  return seen
}

t.test('uploads, events and limits behind nginx', { skip }, async (t) => {
  // Nobody has signed its certificate.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  const port = await freePort()
  const url = `https://127.0.0.1:${port}`
  const flags = ['--trust-proxy', '127.0.0.1/32', '--public-url', url, '--max-upload', '4MiB', '--no-work']
  const own = await freePort()
  const served = await Served.of(t, '--port', `${own}`, ...flags)
  await startNginx(t, `http://127.0.0.1:${own}`, port)
  served.url = url
  const csv = { 'content-type': 'text/csv' }

  await t.test('an upload of more than 1 MiB, and its events as they come', async (t) => {
    const records = Array.from({ length: 150_000 }, (_, n) => `${n},name of ${n}\n`)
    const body = `sku,name\n${records.join('')}`
    const { run } = await served.json<{ run: number }>('POST', '/v1/runs', {
      body,
      headers: csv,
      status: 202,
    })
    const events = await served.fetch('GET', `/v1/runs/${run}/events`)
    const reader = (events.body as ReadableStream<Uint8Array>).getReader()
    await readUntil(reader, 'queued')
    t.pass('the first event comes while the run waits')
    ;(await served.dasy('work', '--once')).expectStatus(0)
    t.match(await readUntil(reader, 'event: receipt'), /event: receipt/)
    await reader.cancel()
    t.equal(await served.db.value('SELECT count(*)::int FROM products'), 150_000)
  })

  await t.test('an upload that can be continued', async (t) => {
    const resumable = { 'tus-resumable': '1.0.0' }
    const begun = await served.fetch('POST', '/v1/uploads', {
      headers: { ...resumable, 'upload-length': '13' },
    })
    t.equal(begun.status, 201)
    const location = new URL(begun.headers.get('location') ?? '', url)
    t.equal(location.origin, url, 'its address is that of nginx')
    const type = { 'content-type': 'application/offset+octet-stream' }
    const part = (offset: number, body: string): Promise<Response> =>
      served.fetch('PATCH', location.href, {
        headers: { ...resumable, ...type, 'upload-offset': `${offset}` },
        body,
      })
    t.equal((await part(0, 'sku,na')).status, 204)
    t.equal((await part(6, 'me\n1,a\n')).status, 204)
    const upload = location.pathname.split('/').at(-1)
    await served.json('POST', '/v1/runs', { json: { upload, table: 'small', key: 'sku' }, status: 202 })
  })

  await t.test('what is too large is told by dasy', async () => {
    const body = `sku,name\n${'x'.repeat(5 * 1024 * 1024)}`
    await served.fails('POST', '/v1/runs', 413, 'UPLOAD_TOO_LARGE', { body, headers: csv })
  })

  await t.test('the page, and no metrics', async (t) => {
    const page = await served.fetch('GET', '/', { token: null })
    t.match(page.headers.get('content-type'), /html/)
    t.equal((await served.fetch('GET', '/metrics')).status, 404)
  })
})
