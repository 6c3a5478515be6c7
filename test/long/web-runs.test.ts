import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { browserTest, isAccessible, settled, signedIn, visit } from '../web/browser.js'

browserTest('runs: none, then a time line and a list with filters', async (t) => {
  const { served, page } = await signedIn(t)
  await page.getByText('No runs yet.').waitFor()
  await isAccessible(t, page, 'no runs')

  const load = async (text: string, status: number, table = 'products'): Promise<void> => {
    writeFileSync(join(served.cwd, 'products.csv'), text)
    const args = ['ingest', 'products.csv', '--table', table, '--key', 'sku']
    ;(await served.dasy(...args)).expectStatus(status)
  }
  await load('sku,name\na,Oak\nb,Elm\n', 0)
  await load('sku,name\na,Oak\nb\n', 3)
  await load('sku,name\na,Oak\n', 0, 'desks')
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('img', { name: /^3 runs from/ }).waitFor()
  const numbers = async (): Promise<string[]> => {
    await settled(page)
    return await page.locator('tbody td:first-child').allTextContents()
  }
  t.same(await numbers(), ['3', '2', '1'], 'the newest first')

  await page.getByLabel('Status').selectOption('rejected')
  await page.getByRole('link', { name: '3', exact: true }).waitFor({ state: 'detached' })
  t.same(await numbers(), ['2'])
  await page.reload()
  await page.getByRole('link', { name: '2', exact: true }).waitFor()
  t.same(await numbers(), ['2'], 'the URL says what is shown')

  await page.getByLabel('Status').selectOption('all')
  await page.getByLabel('Table').fill('desks')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: '2', exact: true }).waitFor({ state: 'detached' })
  t.same(await numbers(), ['3'])

  await visit(page, '#/runs/2', 'Run 2: ingest')
  t.match(await page.getByRole('main').textContent(), /Nothing was applied TOO_MANY_REJECTS/)
  await isAccessible(t, page, 'a run that was refused')
})

browserTest('what is not there, and a service that does not answer', async (t) => {
  const { served, page } = await signedIn(t)
  await page.goto(`${served.url}/#/runs/99`)
  await page.getByText('RUN_NOT_FOUND').waitFor()
  await served.stop()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('the service does not answer').waitFor()
  await isAccessible(t, page, 'no answer')
})
