/** Messages to receivers that fail, delay and lie. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import t, { type Test } from 'tap'
import { NotTaken, post } from '../../lib/outbox/post.js'
import { signedHeaders } from '../../lib/outbox/signed-request.js'

const SECRETS = ['one', 'another'].map((each) => `whsec_${Buffer.from(each.repeat(8)).toString('base64')}`)
const MESSAGE = { id: 'message_1', body: '{"type":"test"}' }

async function receiver(t: Test, answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** @returns how it was not taken */
async function refusal(url: string, limitMs?: number): Promise<NotTaken> {
  const error = await post(url, MESSAGE, [], {
    mayBePrivate: true,
    ...(limitMs !== undefined && { limitMs }),
  }).then(
    () => new Error('it was taken'),
    (error) => error,
  )
  if (error instanceof NotTaken) return error
  throw error
}

t.test('each secret signs', async (t) => {
  const headers = signedHeaders(MESSAGE, SECRETS)
  for (const secret of SECRETS) t.same(new Webhook(secret).verify(MESSAGE.body, headers), { type: 'test' })
  t.equal(headers['webhook-signature']?.split(' ').length, 2)
  t.notOk('webhook-signature' in signedHeaders(MESSAGE, []))
})

t.test('a receiver that fails', async (t) => {
  const url = await receiver(t, (_, response) => response.writeHead(503).end('no'))
  t.match(await refusal(url), { answer: { status: 503 }, isGone: false, message: /503/ })
  const gone = await receiver(t, (_, response) => response.writeHead(410).end())
  t.equal((await refusal(gone)).isGone, true)
  const away = await receiver(t, (request) => request.socket.destroy())
  t.equal((await refusal(away)).answer, undefined)
  t.equal((await refusal('http://127.0.0.1:1/')).answer, undefined, 'nobody listens')
})

t.test('a receiver that never answers is given up', async (t) => {
  const url = await receiver(t, () => {})
  t.match(await refusal(url, 200), { answer: undefined, message: /no answer within/ })
})

t.test('a receiver that lies', async (t) => {
  let others = 0
  const other = await receiver(t, (_, response) => {
    others += 1
    response.end()
  })
  const elsewhere = await receiver(t, (_, response) => response.writeHead(307, { location: other }).end())
  t.equal((await refusal(elsewhere)).answer?.status, 307, 'a redirection is no success')
  t.equal(others, 0, 'and not followed')
  const garbage = await receiver(t, (request) => request.socket.end('HTTP/9 yes\r\n\r\n'))
  t.equal((await refusal(garbage)).answer, undefined)
  const endless = await receiver(t, (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'.repeat(65_536)), 1)
    response.on('close', () => clearInterval(timer))
  })
  await post(endless, MESSAGE, [])
  t.pass('an answer without an end is not read')
})
