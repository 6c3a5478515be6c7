import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Served } from '../service/served.js'
import { browserTest, isAccessible, openPage, signedIn, visit } from '../web/browser.js'

browserTest('tokens: made, shown once, revoked', async (t) => {
  const { served, page } = await signedIn(t)
  await visit(page, '#/tokens', 'Tokens')
  await page.getByLabel('Name').fill('shop')
  await page.getByLabel('Scope').selectOption('write')
  await page.getByLabel('Expires in').fill('90d')
  await page.getByRole('button', { name: 'Create' }).click()
  const secret = page.getByRole('status').filter({ hasText: 'The token shop' }).locator('code')
  const token = (await secret.textContent()) ?? ''
  t.match(await served.json('GET', '/v1/runs', { token }), { runs: [] }, 'it works')
  await isAccessible(t, page, 'tokens')
  await page.reload()
  await page
    .getByRole('cell', { name: 'shop' })
    .or(page.getByRole('rowheader', { name: 'shop' }))
    .waitFor()
  t.notMatch(await page.content(), token, 'it is shown only once')

  await page.getByRole('row', { name: /shop/ }).getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText(/^revoked /).waitFor()
  await served.fails('GET', '/v1/runs', 401, 'UNAUTHORIZED', { token })
})

browserTest('webhooks: made, tested, their deliveries, switched off', async (t) => {
  const types: string[] = []
  let status = 204
  const receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      types.push(JSON.parse(body).type)
      response.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.teardown(() => receiver.close())
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/dasy`

  const served = await Served.of(t, '--allow-private-webhooks')
  const page = await openPage(t, served)
  await visit(page, '#/webhooks', 'Webhooks')
  await isAccessible(t, page, 'no webhooks')
  await page.getByLabel('URL').fill(url)
  await page.getByRole('checkbox', { name: 'run.completed' }).check()
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByText(/whsec_/).waitFor()
  await page.getByRole('link', { name: url }).click()
  await page.getByRole('heading', { name: url, level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  const delivered = page.getByRole('row', { name: /204/ })
  while ((await delivered.count()) === 0) {
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.waitForTimeout(500)
  }
  t.equal(types.length, 1)
  await isAccessible(t, page, 'deliveries')

  await delivered.getByRole('button', { name: 'Send again' }).click()
  while (types.length < 2) await page.waitForTimeout(200)
  t.equal(types[1], types[0], 'the same once more')

  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByText(/whsec_/).waitFor()

  // A receiver that is gone for ever.
  status = 410
  await page.getByRole('button', { name: 'Send a test' }).click()
  while ((await page.getByText(/switched off/).count()) === 0) {
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.waitForTimeout(500)
  }
  await page.getByRole('button', { name: 'Switch on' }).click()
  await page.getByText(/switched off/).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No webhooks yet.').waitFor()
})
