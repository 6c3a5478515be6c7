/** https, with a certificate that is made for the test. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { folder } from '../support/files.js'
import { serve } from '../support/http-server.js'
import { content, opened } from './http-fixtures.js'

const CONTENT = content(9 * 1024 * 1024 + 7)
const READ_URL = fileURLToPath(new URL('../support/read-url.mjs', import.meta.url))
const skip = spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl to make a certificate'

/** A certificate for 127.0.0.1 that nobody else has signed. @returns it, its key, and where it is stored */
function selfSigned(t: Test): { key: Buffer; cert: Buffer; path: string } {
  const place = folder(t)
  const [key, path] = [join(place, 'key.pem'), join(place, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const { status, stderr } = spawnSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', path])
  if (status !== 0) throw new Error(`openssl failed: ${stderr}`)
  return { key: readFileSync(key), cert: readFileSync(path), path }
}

async function readElsewhere(url: string, authority: string): Promise<unknown> {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: authority }
  const { stdout } = await promisify(execFile)(process.execPath, [READ_URL, url], { env, timeout: 300_000 })
  return JSON.parse(stdout)
}

t.test('a certificate that nobody vouches for is refused', { skip }, async (t) => {
  const server = await serve(t, CONTENT, { tls: selfSigned(t) })
  await t.rejects(opened(t, server), {
    code: 'FILE_UNREACHABLE',
    message: /TLS/,
    hint: /NODE_EXTRA_CA_CERTS/,
    details: { errno: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
})

t.test('one of your own is taken, and nothing keeps the process from ending', { skip }, async (t) => {
  const tls = selfSigned(t)
  const server = await serve(t, CONTENT, { tls })
  const sha256 = createHash('sha256').update(CONTENT).digest('hex')
  t.same(await readElsewhere(server.url, tls.path), { sha256 })
  t.equal(server.bytesRepeated, 0)
})

t.test('what is asked for by https is not had by http', { skip }, async (t) => {
  const tls = selfSigned(t)
  const plain = await serve(t, CONTENT)
  const instead = () => ({ status: 301, headers: { Location: plain.url } })
  const server = await serve(t, CONTENT, { tls, instead })
  t.match(await readElsewhere(server.url, tls.path), { code: 'REDIRECT_FAILED' })
  t.equal(plain.requests.length, 0)
})
