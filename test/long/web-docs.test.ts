import { browserTest, signedIn } from '../web/browser.js'

browserTest('who is signed in reads the OpenAPI document at /docs, and tries it', async (t) => {
  const { served, page } = await signedIn(t)
  const policies: string[] = []
  page.on('console', (message) => {
    if (/Content.Security.Policy/.test(message.text())) policies.push(message.text())
  })
  const answer = await page.goto(`${served.url}/docs`)
  t.equal(answer?.status(), 200)
  await page.getByRole('heading', { name: /^dasy/ }).waitFor()
  const operation = page.locator('.opblock').filter({ hasText: '/v1/datasets' }).first()
  await operation.locator('.opblock-summary').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  const tried = page.waitForResponse(`${served.url}/v1/datasets`)
  await operation.getByRole('button', { name: 'Execute' }).click()
  const response = await tried
  t.equal(response.status(), 200, 'with the cookie of the page')
  t.same(await response.json(), { datasets: [] })
  t.same(policies, [], 'nothing that the policy refuses')

  const cookies = await page.context().cookies()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const get = (headers: Record<string, string>) => ({ token: null, headers: { cookie, ...headers } })
  await served.fails('GET', '/docs', 403, 'CROSS_SITE', get({ 'sec-fetch-site': 'cross-site' }))
  await served.fails('GET', '/docs', 403, 'CROSS_SITE', get({ 'sec-fetch-site': 'same-site' }))
  await served.fails('GET', '/docs', 403, 'CROSS_SITE', get({}))
  const data = get({ 'sec-fetch-site': 'same-origin' })
  await served.fails('GET', '/v1/datasets', 403, 'CROSS_SITE', data)
})

browserTest('who is not signed in is asked for a token at /docs', async (t) => {
  const { served, page } = await signedIn(t)
  const refused = await served.fetch('GET', '/docs', { token: null })
  t.equal(refused.status, 401)
  t.match(refused.headers.get('www-authenticate'), /^Basic /)
  const credentials = { username: 'anybody', password: served.token }
  const context = await page.context().browser()?.newContext({ httpCredentials: credentials })
  t.teardown(() => context?.close())
  const other = await context?.newPage()
  await other?.goto(`${served.url}/docs`)
  await other?.getByRole('heading', { name: /^dasy/ }).waitFor()
  t.match(await other?.content(), /\/v1\/runs/)
})
