/** Alerts by command, webhook and mail, each to a real receiver. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import t, { type Test } from 'tap'
import { Inbox } from '../watch/inbox.js'

const SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`

interface Received {
  readonly headers: Record<string, string>
  readonly body: string
}

/** A webhook that answers with these statuses, one after the other, and then 204. @param port 0: a free one */
async function webhook(
  t: Test,
  port: number,
  ...statuses: number[]
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body })
      response.writeHead(statuses.shift() ?? 204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received }
}

const causes = (inbox: Inbox): string[] =>
  readFileSync(join(inbox.cwd, 'alerts.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ type, data }) => `${type} ${data.cause}`)

const COMMAND = { alerts: { command: ['sh', '-c', 'cat >> alerts.jsonl'] } }

t.test('a failure is told once, and its end', async (t) => {
  const inbox = await Inbox.of(t, {}, COMMAND)
  for (const name of ['products-1.csv', 'products-2.csv']) {
    inbox.dropBad(name)
    await inbox.once(1)
  }
  t.same(causes(inbox), ['alert.raised failed'])
  inbox.drop('products-3.csv', 'a,Ann')
  await inbox.once()
  t.same(causes(inbox), ['alert.raised failed', 'alert.cleared failed'])
})

t.test('rejects, late and missing files', async (t) => {
  const inbox = await Inbox.of(
    t,
    { maxRejects: 1, done: '*.ok', alertAfter: '1s', expectEvery: '1s' },
    COMMAND,
  )
  inbox.drop('products-1.csv', 'a,Ann', 'b,Bob,too many')
  const watcher = inbox.watch()
  const said = (type: string, cause: string) => () =>
    watcher.stdout.includes(`"type":"alert.${type}","data":{"cause":"${cause}"`)
  await watcher.until('it is late', said('raised', 'late'))
  await watcher.until('one is missing', said('raised', 'missing'))
  inbox.drop('products-1.ok')
  await watcher.until('it has rejects', said('raised', 'rejects'))
  await watcher.until('it is late no longer', said('cleared', 'late'))
  await watcher.interrupt()
})

t.test('a webhook gets a signed message, again until it takes it', async (t) => {
  const { url, received } = await webhook(t, 0, 500)
  const inbox = await Inbox.of(t, {}, { alerts: { webhook: { url, secretEnv: 'SECRET' } } })
  const refused = await inbox.try(['watch', '--once'])
  t.match(refused.expectStatus(2).stderr, /BAD_CONFIG|SECRET is not set/)
  inbox.env = { SECRET }
  inbox.dropBad('products-1.csv')
  const watcher = inbox.watch()
  await watcher.until('it is sent again', () => received.length === 2)
  await watcher.interrupt()
  const [first, second] = received as [Received, Received]
  t.equal(second.headers['webhook-id'], first.headers['webhook-id'])
  t.match(new Webhook(SECRET).verify(second.body, second.headers), {
    type: 'alert.raised',
    data: { cause: 'failed', dataset: 'products', file: 'in/products-1.csv', run: 1 },
  })
})

t.test('nothing is lost if the receiver is away, and the watcher is killed', async (t) => {
  const server = http.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const inbox = await Inbox.of(t, {}, { alerts: { webhook: { url: `http://127.0.0.1:${port}/` } } })
  inbox.dropBad('products-1.csv')
  const first = inbox.watch()
  await first.until('it could not be sent', () => first.stderr.includes('an alert could not be sent'))
  inbox.dropBad('products-2.csv')
  await first.until('the second is filed', () => inbox.names('failed').includes('products-2.csv'))
  inbox.drop('products-3.csv', 'a,Ann')
  await first.until('and the third', () => inbox.names('done').includes('products-3.csv'))
  await first.kill()
  const { received } = await webhook(t, port)
  const second = inbox.watch()
  await second.until('both have arrived', () => received.length === 2)
  await second.interrupt()
  const told = received.map(({ body }) => JSON.parse(body)).map(({ type, data }) => `${type} ${data.cause}`)
  t.same(told.sort(), ['alert.cleared failed', 'alert.raised failed'], 'one failure was told, and its end')
})

t.test('a mail arrives, although the server is busy at first', async (t) => {
  const mails: string[] = []
  let refusals = 1
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onMailFrom(_, __, done) {
      refusals -= 1
      done(refusals < 0 ? null : Object.assign(new Error('busy'), { responseCode: 451 }))
    },
    onData(stream, _, done) {
      let text = ''
      stream.on('data', (bytes) => {
        text += bytes
      })
      stream.on('end', () => {
        mails.push(text)
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  const mail = { to: 'ops@example.com', from: 'dasy@example.com', smtpUrlEnv: 'SMTP' }
  const inbox = await Inbox.of(t, {}, { alerts: { mail } })
  inbox.env = { SMTP: `smtp://127.0.0.1:${port}` }
  inbox.dropBad('products-1.csv')
  const watcher = inbox.watch()
  await watcher.until('the mail has arrived', () => mails.length > 0)
  await watcher.interrupt()
  t.match(mails, [/Subject: dasy: products: failed/])
  t.equal(mails.length, 1)
})
