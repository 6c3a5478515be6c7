import t from 'tap'
import { Served } from '../service/served.js'
import { failsForPrograms } from '../support/cli-failure.js'

t.test('a token is shown once, has a scope and an end, and can be revoked', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  const token = await served.tokenOf('read', 'shop')
  t.match(token, /^dasy_[\w-]{43}$/)
  await served.fails('GET', '/v1/tokens', 403, 'FORBIDDEN', { token })
  t.match(await served.json('GET', '/v1/session', { token }), { name: 'shop', scope: 'read' })

  const listed = (await served.dasy('token', 'list', '--json')).expectStatus(0)
  t.match(listed.json(), [
    { name: 'admin', scope: 'admin' },
    { name: 'shop', scope: 'read', expiresAt: null },
  ])
  t.notMatch(listed.stdout, token)
  t.match((await served.dasy('token', 'list')).expectStatus(0).stdout, /shop +read/)
  const options = { env: served.env, cwd: served.cwd }
  const taken = { status: 1, code: 'NAME_TAKEN', says: ['shop', 'revoke'] }
  await failsForPrograms(t, ['token', 'create', 'shop'], taken, options)

  t.equal(
    (await served.dasy('token', 'revoke', 'shop')).expectStatus(0).stdout,
    'the token shop is revoked\n',
  )
  await served.fails('GET', '/v1/session', 401, 'UNAUTHORIZED', { token })
  const gone = { status: 1, code: 'TOKEN_NOT_FOUND', says: ['shop'] }
  await failsForPrograms(t, ['token', 'revoke', 'shop'], gone, options)
  t.not(await served.tokenOf('read', 'shop'), token, 'the name is free again')

  const bad = { status: 2, code: 'BAD_OPTION', says: ['--expires'] }
  await failsForPrograms(t, ['token', 'create', 'x', '--expires', 'soon'], bad, options)
  await failsForPrograms(t, ['token', 'create', 'x', '--expires', '0s'], bad, options)
  const scope = { status: 2, code: 'BAD_OPTION', says: ['--scope', 'read'] }
  await failsForPrograms(t, ['token', 'create', 'x', '--scope', 'root'], scope, options)
  const made = (await served.dasy('token', 'create', 'brief', '--expires', '1h', '--json')).json<{
    token: string
  }>()
  await served.json('GET', '/v1/session', { token: made.token })
  await db.run(`UPDATE dasy.tokens SET expires_at = now() - interval '1 s' WHERE name = 'brief'`)
  await served.fails('GET', '/v1/session', 401, 'UNAUTHORIZED', { token: made.token })
})

t.test('tokens over HTTP', async (t) => {
  const served = await Served.of(t)
  const body = { name: 'a b/c', scope: 'write', expires: '90d' }
  const made = await served.json<{ token: string }>('POST', '/v1/tokens', { json: body, status: 201 })
  t.match(made, { name: 'a b/c', scope: 'write', token: /^dasy_/ })
  await served.fails('POST', '/v1/tokens', 409, 'NAME_TAKEN', { json: body })
  t.match(await served.json('GET', '/v1/session', { token: made.token }), { scope: 'write' })
  t.match(await served.json('DELETE', `/v1/tokens/${encodeURIComponent('a b/c')}`), { revokedAt: /Z$/ })
  await served.fails('DELETE', '/v1/tokens/none', 404, 'TOKEN_NOT_FOUND')
  await served.fails('POST', '/v1/tokens', 400, 'USAGE', { json: { name: 'x', color: 1 } })
  const poison = '{"name":"x","__proto__":{"scope":"admin"}}'
  const headers = { 'content-type': 'application/json' }
  await served.fails('POST', '/v1/tokens', 400, 'USAGE', { body: poison, headers })
  await served.fails('POST', '/v1/tokens', 400, 'BAD_OPTION', { json: { name: 'x', scope: 'root' } })
  await served.fails('POST', '/v1/tokens', 400, 'BAD_OPTION', { json: { name: 'x\n' } })
  await served.fails('POST', '/v1/tokens', 400, 'BAD_OPTION', { json: {} })
  await served.fails('POST', '/v1/tokens', 400, 'USAGE', { body: '{', headers })
})

t.test('who shows no valid token gets nothing', async (t) => {
  const served = await Served.of(t)
  const path = '/v1/session'
  const failing = async (authorization: string | undefined): Promise<void> => {
    const headers = authorization === undefined ? {} : { authorization }
    const problem = await served.fails('GET', path, 401, 'UNAUTHORIZED', { token: null, headers })
    t.notMatch(JSON.stringify(problem), served.token.slice(10))
  }
  await failing(undefined)
  await failing('')
  await failing(`Bearer ${served.token.slice(0, -1)}`)
  await failing(`Bearer ${served.token}x`)
  await failing(`Digest ${served.token}`)
  await failing(served.token)
  await failing('Basic x')
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  await failing(basic(`${served.token}:`))
  const headers = { authorization: basic(`anybody:${served.token}`) }
  t.match(await served.json('GET', path, { token: null, headers }), { scope: 'admin' })
})

t.test('the page signs in with a token and gets a cookie', async (t) => {
  const served = await Served.of(t)
  const page = { 'x-requested-with': 'dasy', origin: served.url, 'sec-fetch-site': 'same-origin' }
  const json = { token: served.token }
  const wrong = { token: null, headers: page, json: { token: `${served.token}x` } }
  await served.fails('POST', '/v1/session', 401, 'UNAUTHORIZED', wrong)
  await served.fails('POST', '/v1/session', 403, 'CROSS_SITE', { token: null, json })
  const response = await served.fetch('POST', '/v1/session', { token: null, headers: page, json })
  t.equal(response.status, 200)
  const cookie = response.headers.get('set-cookie') ?? ''
  t.match(cookie, /^dasy_session=session_[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)
  t.notMatch(cookie, served.token)
  const shown = { cookie: cookie.split(';')[0] as string }
  const get = (headers: Record<string, string>) => ({ token: null, headers: { ...shown, ...headers } })
  t.match(await served.json('GET', '/v1/session', get(page)), { name: 'admin', scope: 'admin' })

  await served.fails('GET', '/v1/session', 403, 'CROSS_SITE', get({}))
  const foreign = { ...page, origin: 'https://evil.example' }
  await served.fails('GET', '/v1/session', 403, 'CROSS_SITE', get(foreign))
  const site = { ...page, 'sec-fetch-site': 'cross-site' }
  await served.fails('POST', '/v1/tokens', 403, 'CROSS_SITE', { ...get(site), json: { name: 'x' } })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  await served.fails('POST', '/v1/tokens', 403, 'CROSS_SITE', { ...get(form), body: 'name=x' })

  await served.stop()
  await served.start()
  const again = { ...page, origin: served.url }
  t.match(await served.json('GET', '/v1/session', get(again)), { name: 'admin' }, 'also after a restart')
  const out = await served.fetch('DELETE', '/v1/session', get(again))
  t.equal(out.status, 204)
  t.match(out.headers.get('set-cookie'), /^dasy_session=;/)
  await served.fails('GET', '/v1/session', 401, 'UNAUTHORIZED', get(again))
})

t.test('a cookie ends with its token', async (t) => {
  const served = await Served.of(t)
  const token = await served.tokenOf('read', 'guest')
  const headers = { 'x-requested-with': 'dasy' }
  const response = await served.fetch('POST', '/v1/session', { token: null, headers, json: { token } })
  const cookie = response.headers.get('set-cookie')?.split(';')[0] as string
  const get = { token: null, headers: { ...headers, cookie } }
  t.match(await served.json('GET', '/v1/session', get), { name: 'guest', scope: 'read' })
  await served.fails('GET', '/v1/tokens', 403, 'FORBIDDEN', get)
  ;(await served.dasy('token', 'revoke', 'guest')).expectStatus(0)
  await served.fails('GET', '/v1/session', 401, 'UNAUTHORIZED', get)
})

t.test('who guesses is slowed down, and whoever knows is not', async (t) => {
  const served = await Served.of(t)
  const guess = () => served.fetch('GET', '/v1/session', { token: 'dasy_guess' })
  const answers = await Promise.all(Array.from({ length: 200 }, guess))
  const statuses = answers.map(({ status }) => status)
  t.ok(statuses.includes(401))
  t.ok(statuses.includes(429), 'too many at a time are refused')
  const refused = answers.find(({ status }) => status === 429)
  t.match(refused?.headers.get('retry-after'), /^\d+$/)
  const before = performance.now()
  t.equal((await guess()).status, 401)
  t.ok(performance.now() - before > 4000, 'the later the answer, the more there were')
  t.match(await served.json('GET', '/v1/session'), { name: 'admin' })
})
