import t from 'tap'
import { Served } from '../service/served.js'
import { CliProcess } from '../support/cli-process.js'
import { serve } from '../support/http-server.js'

const CSV = Buffer.from('sku,name\na,Ann\n')

/** Forms of addresses that only this host can reach, or only its network. */
const PRIVATE = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '0', '0.0.0.0'],
  ...['localhost', 'LOCALHOST', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254'],
  ...['100.64.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[fe80::1]', '[fc00::1]'],
  ...[
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[ff02::1]',
    '[fec0::1]',
    '[fd00:ec2::254]',
  ],
]

t.test('a URL that a client names leads to no private address', async (t) => {
  const served = await Served.of(t)
  const server = await serve(t, CSV)
  const { port } = new URL(server.url)
  const refused = (url: string, code = 'URL_NOT_ALLOWED') =>
    served.fails('POST', '/v1/runs', 400, code, { json: { url } })
  for (const host of PRIVATE) await refused(`http://${host}:${port}/data.csv`)
  await refused(`http://user:password@127.0.0.1:${port}/data.csv`)
  await refused(`https://127.0.0.1:${port}/data.csv`)
  await served.fails('POST', '/v1/inspect', 400, 'URL_NOT_ALLOWED', { json: { url: server.url } })
  for (const url of [
    'file:///etc/passwd',
    'ftp://127.0.0.1/a',
    '/etc/passwd',
    'etc/passwd',
    '-',
    '',
    'gopher://x/',
    'C:\\a.csv',
  ])
    await refused(url, 'BAD_URL')
  t.same(server.requests, [], 'nobody was asked')
  t.equal(await served.db.value('SELECT count(*) FROM dasy.runs'), 0)
})

t.test('whoever runs the service can allow it, for each process that fetches', async (t) => {
  const served = await Served.of(t, '--allow-private-urls')
  const server = await serve(t, CSV)
  const json = { url: server.url }
  t.match(await served.json('POST', '/v1/inspect', { json }), { records: 1 })
  t.match(await served.json('POST', '/v1/runs?wait=true', { json }), {
    source: server.url,
    rows: { inserted: 1 },
  })
  await served.fails('POST', '/v1/runs?wait=true', 422, 'FILE_UNREACHABLE', {
    json: { url: 'http://127.0.0.1:1/a.csv' },
  })
  await served.stop()

  await served.start('--allow-private-urls', '--no-work')
  await served.json('POST', '/v1/runs', { json, status: 202 })
  const work = async (...flags: string[]) =>
    await CliProcess.start(t, ['work', '--once', ...flags], { env: served.env, cwd: served.cwd }).ended
  t.equal((await work()).status, 1)
  t.match(await served.json('GET', '/v1/runs/2'), { status: 'failed', error: { code: 'URL_NOT_ALLOWED' } })
  ;(await served.dasy('jobs', 'retry', '2')).expectStatus(0)
  t.equal((await work('--allow-private-urls')).status, 0)
  t.match(await served.json('GET', '/v1/runs/2'), { status: 'completed', rows: { unchanged: 1 } })
})
