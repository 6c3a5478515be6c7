import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Served } from '../service/served.js'
import { folder } from '../support/files.js'
import { browserTest, isAccessible, openPage, signedIn } from '../web/browser.js'

browserTest(
  'a run that waits and is at work is followed, also after a reload and a restart of the service',
  async (t) => {
    const served = await Served.of(t, '--no-work')
    const page = await openPage(t, served)
    writeFileSync(join(served.cwd, 'products.csv'), 'sku,name\na,Oak\nb,Elm\n')
    await page.getByRole('link', { name: 'Load', exact: true }).click()
    await page.getByLabel(/Drop a file/).setInputFiles(join(served.cwd, 'products.csv'))
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    await page.getByText('Run 1 waits for its turn').waitFor()
    await isAccessible(t, page, 'progress')
    await page.reload()
    await page.getByText('Run 1 waits for its turn').waitFor()
    t.pass('it survives a reload')

    const { port } = new URL(served.url)
    await served.stop()
    await page.getByText('the connection is lost').waitFor()
    await served.start('--no-work', '--port', port)
    await page.getByText('the connection is lost').waitFor({ state: 'detached' })

    ;(await served.dasy('work', '--once')).expectStatus(0)
    await page.getByText('completed').waitFor()
    await page.getByRole('heading', { name: 'Where each record went' }).waitFor()
    t.match(await page.locator('.flow').textContent(), /2records read.*inserted new2/)
  },
)

browserTest('a run that is taken out of the queue', async (t) => {
  const served = await Served.of(t, '--no-work')
  const page = await openPage(t, served)
  writeFileSync(join(served.cwd, 'products.csv'), 'sku,name\na,Oak\n')
  await page.getByRole('link', { name: 'Load', exact: true }).click()
  await page.getByLabel(/Drop a file/).setInputFiles(join(served.cwd, 'products.csv'))
  await page.getByRole('button', { name: 'Load', exact: true }).click()
  await page.getByText('Run 1 waits for its turn').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('interrupted').waitFor()
})

browserTest('an upload that a reload has cut goes on where it was', async (t) => {
  const { page } = await signedIn(t)
  const file = join(folder(t), 'large.csv')
  const line = `${'x'.repeat(98)}\n`
  writeFileSync(file, `name\n${line.repeat(160_000)}`)
  const network = await page.context().newCDPSession(page)
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  await network.send('Network.enable')
  // So slowly that the reload is in the middle of it.
  await network.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: 400_000 })
  await page.getByRole('link', { name: 'Load', exact: true }).click()
  await page.getByLabel(/Drop a file/).setInputFiles(file)
  const figures = page.getByRole('region', { name: 'Upload' })
  await figures.filter({ hasText: /[1-9]\d*(\.\d)? MB of/ }).waitFor()
  await isAccessible(t, page, 'upload')
  await page.reload()
  const unfinished = page.getByRole('region', { name: 'Not all has arrived' })
  await unfinished.getByText(/large\.csv: \d+\.\d % of 15\.8 MB/).waitFor()

  await network.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 })
  const offsets: number[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  await page.getByLabel(/Drop a file/).setInputFiles(file)
  await page.getByRole('button', { name: 'Plan' }).waitFor()
  t.equal(offsets.length, 1)
  t.ok((offsets[0] ?? 0) > 0, 'only the rest was sent', { offsets })
  t.match(await page.getByRole('region', { name: 'What is in it' }).textContent(), /records160,000/)
})
