import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { isPublic } from '../../lib/source/http/public-addresses.js'
import { file } from '../support/files.js'

/** A URL that a client of the service names leads to no private address. */

const SCRIPT = fileURLToPath(new URL('./fetch-public.mjs', import.meta.url))

t.test('addresses that anybody can reach, and others', async (t) => {
  for (const address of ['8.8.8.8', '11.22.33.44', '2a00:1450:4001::1', '::ffff:8.8.8.8'])
    t.ok(isPublic(address), address)
  const others = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.0.1'],
    ...['192.0.0.1', '198.18.0.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1'],
    ...['fc00::1', 'fe80::1', 'ff02::1', 'fec0::1', 'no address', ''],
  ]
  for (const address of others) t.notOk(isPublic(address), address)
})

const HOSTS = `127.0.0.1 localhost inside.test
11.22.33.44 outside.test
11.22.33.44 both.test
127.0.0.1 both.test
::1 inside6.test
`
const NETWORK = [
  'ip link set lo up && ip addr add 11.22.33.44/32 dev lo',
  'mount --bind "$HOSTS" /etc/hosts && exec "$@"',
].join(' && ')
const within = ['-n', '-m', 'sh', '-c', NETWORK, 'sh']

t.test('names and redirects that lead to a private address, in a network of its own', async (t) => {
  const env = { ...process.env, HOSTS: file(t, HOSTS) }
  if (spawnSync('unshare', [...within, 'true'], { env }).status !== 0)
    return t.comment('no network can be made here')
  const outside = 'http://outside.test:8000/'
  const to = (url: string): string => `${outside}?to=${encodeURIComponent(url)}`
  const inside = [
    ...['inside.test', 'both.test', 'inside6.test', 'localhost', '127.0.0.1', '2130706433', '0177.0.0.1'],
    ...['0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '0'],
  ].map((host) => `http://${host}:8000/`)
  const urls = [outside, to(outside), ...inside, ...inside.map(to), to('file:///etc/passwd')]
  const { stdout, stderr } = spawnSync('unshare', [...within, process.execPath, SCRIPT, ...urls], {
    env,
    encoding: 'utf8',
  })
  t.equal(stderr, '')
  const { answers, seen } = JSON.parse(stdout) as { answers: Record<string, unknown[]>; seen: string[] }
  t.same(answers[outside], [200, 200], 'an address that is public')
  t.same(answers[to(outside)], [200, 'it answered 302'], 'a redirect to it: webhooks follow none')
  for (const url of inside) {
    t.equal(answers[url]?.[0], 'URL_NOT_ALLOWED', url)
    t.match(answers[url]?.[1], /private/, `a webhook for ${url}`)
    t.equal(answers[to(url)]?.[0], 'URL_NOT_ALLOWED', `a redirect to ${url}`)
  }
  t.equal(answers[to('file:///etc/passwd')]?.[0], 'REDIRECT_FAILED')
  t.same(seen, [], 'nothing private was asked')
})
