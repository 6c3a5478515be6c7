import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import type { KnownReceipt } from '../../lib/contract/receipt.js'
import type { Served } from '../service/served.js'
import { browserTest, isAccessible, settled, signedIn, tabTo } from './browser.js'

const FIRST = 'sku,name,brand\na,Oak table,Acme\nb,Pine chair,Acme\nc,Elm desk,Globex\n'
/** One is new, one changes, one is as it was, one repeats a key, one is bad. */
const SECOND =
  'sku,name,brand\na,Oak table,Initech\nb,Pine chair,Acme\nd,Ash shelf,Acme\nd,Ash shelf,Wayne\ne\n'

/** Loads a file by the command line. */
async function loaded(served: Served, text = FIRST): Promise<void> {
  writeFileSync(join(served.cwd, 'products.csv'), text)
  const args = ['ingest', 'products.csv', '--table', 'products', '--key', 'sku']
  ;(await served.dasy(...args)).expectStatus(0)
}

async function chooseFile(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole('link', { name: 'Load', exact: true }).click()
  const file = { name, mimeType: 'text/csv', buffer: Buffer.from(text) }
  await page.getByLabel(/Drop a file/).setInputFiles(file)
  await page.getByRole('button', { name: 'Plan' }).waitFor()
}

/** The counts that the page shows of a run, by their names. */
async function shownCounts(page: Page): Promise<Record<string, number>> {
  const flow = page.locator('.flow')
  await flow.waitFor()
  const texts = await flow.evaluate((element) => [
    ['read', element.querySelector('.flow-read .figure')?.textContent],
    ...[...element.querySelectorAll('.flow-outcomes > div')].map((each) => [
      each.querySelector('dt')?.firstChild?.textContent?.trim(),
      each.querySelector('.figure')?.textContent,
    ]),
  ])
  return Object.fromEntries(texts.map(([name, text]) => [name, Number(text?.replaceAll(',', ''))]))
}

/** That what is shown is what /v1 says. */
async function showsReceipt(t: Test, served: Served, page: Page, run: number): Promise<void> {
  const { rows } = await served.json<KnownReceipt>('GET', `/v1/runs/${run}`)
  const shown = await shownCounts(page)
  for (const [name, value] of Object.entries(rows ?? {}))
    if (value !== 0 || name in shown) t.equal(shown[name], value, `run ${run}: ${name}`)
}

browserTest('a file: upload, preview, plan, diff, apply, undo', async (t) => {
  const { served, page } = await signedIn(t)
  await loaded(served)
  await chooseFile(page, 'products.csv', SECOND)
  const found = page.getByRole('region', { name: 'What is in it' })
  t.match(
    await found.textContent(),
    /delimiter,quote.*encoding.*header.*yes.*sku.*text/s,
    'the dialect and columns',
  )
  await isAccessible(t, page, 'preview')

  await page.reload()
  await page.getByRole('button', { name: 'Plan' }).waitFor()
  t.pass('the upload survives a reload')

  await page.getByText('Rules', { exact: true }).click()
  await page.getByLabel('max rejects').fill('1')
  t.equal(await page.getByRole('textbox', { name: 'key' }).inputValue(), 'sku')
  await page.getByRole('button', { name: 'Plan' }).click()
  await page.getByRole('heading', { name: 'Run 2: plan' }).waitFor()
  await page.getByRole('heading', { name: 'What would change' }).waitFor()
  await settled(page)
  await showsReceipt(t, served, page, 2)
  const update = page.getByRole('article').filter({ hasText: 'update' })
  t.match(await update.textContent(), /sku = a.*brandAcme → Initech/)
  t.match(await page.getByRole('article').filter({ hasText: 'insert' }).textContent(), /sku = d.*Ash shelf/)
  t.same(await served.db.rows("SELECT brand FROM products WHERE sku = 'a'"), [{ brand: 'Acme' }], 'untouched')
  await isAccessible(t, page, 'plan')

  await page.getByRole('button', { name: 'Apply' }).click()
  await isAccessible(t, page, 'question')
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await page.getByText('completed').waitFor()
  await showsReceipt(t, served, page, 2)
  t.same(
    await served.db.rows("SELECT brand FROM products WHERE sku = 'a'"),
    [{ brand: 'Initech' }],
    'applied',
  )

  await page.getByRole('link', { name: 'Rejects (1)' }).click()
  await page.getByRole('cell', { name: 'e', exact: true }).waitFor()
  await isAccessible(t, page, 'rejects')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download CSV' }).click()
  t.equal((await download).suggestedFilename(), 'rejects-2.csv')

  await page.getByRole('link', { name: 'Changes' }).click()
  await page.getByRole('article').first().waitFor()
  await settled(page)
  t.equal(await page.getByRole('article').count(), 2)
  await page.getByLabel('Operation').selectOption('update')
  await page.getByRole('article').filter({ hasText: 'insert' }).waitFor({ state: 'detached' })
  t.equal(await page.getByRole('article').count(), 1)
  await isAccessible(t, page, 'changes')

  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('heading', { name: 'Run 3: undo' }).waitFor()
  await page.getByText('completed').waitFor()
  await showsReceipt(t, served, page, 3)
  t.same(await served.db.rows('SELECT sku, brand FROM products ORDER BY sku'), [
    { sku: 'a', brand: 'Acme' },
    { sku: 'b', brand: 'Acme' },
    { sku: 'c', brand: 'Globex' },
  ])
})

browserTest('an undo with conflicts says which, and can leave them', async (t) => {
  const { served, page } = await signedIn(t)
  await loaded(served)
  await loaded(served, FIRST.replaceAll('Acme', 'Initech'))
  await served.db.rows("UPDATE products SET brand = 'Wayne' WHERE sku = 'a' RETURNING 1")
  await page.goto(`${served.url}/#/runs/2`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
  await page.getByText('UNDO_CONFLICTS').waitFor()
  const conflicts = page.getByRole('region', { name: 'Conflicts' })
  t.match(await conflicts.textContent(), /sku = a.*row changed.*Initech.*Wayne/s)
  await isAccessible(t, page, 'conflicts')
  await page.getByRole('button', { name: 'Undo without the conflicts' }).click()
  await page.getByText('completed').waitFor()
  await showsReceipt(t, served, page, 3)
  t.same(await served.db.rows("SELECT sku FROM products WHERE brand = 'Acme'"), [{ sku: 'b' }])
})

browserTest('a plan that is stale is made anew, and what a load refuses is said', async (t) => {
  const { served, page } = await signedIn(t)
  await loaded(served)
  await chooseFile(page, 'products.csv', SECOND)
  await page.getByRole('button', { name: 'Plan' }).click()
  await page.getByText('TOO_MANY_REJECTS').waitFor()
  t.match(await page.getByRole('main').textContent(), /Nothing was applied/)
  await isAccessible(t, page, 'refused')

  await chooseFile(page, 'products.csv', FIRST.replace('Oak', 'Old oak'))
  await page.getByRole('button', { name: 'Plan' }).click()
  await page.getByRole('button', { name: 'Apply' }).waitFor()
  await served.db.rows("UPDATE products SET name = 'Elm' WHERE sku = 'c' RETURNING 1")
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await page.getByText('PLAN_STALE').waitFor()
  await page.getByRole('button', { name: 'Plan anew' }).click()
  await page.getByText('PLAN_STALE').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Apply' }).waitFor()
  await settled(page)
  t.match(await page.getByRole('main').textContent(), /Elm → Elm desk/)
})

browserTest('from a file to the table by keyboard alone', async (t) => {
  const { served, page } = await signedIn(t)
  await tabTo(page, page.getByRole('link', { name: 'Load', exact: true }))
  await page.keyboard.press('Enter')
  // What a chooser of the system does is nothing that the page decides.
  const chosen = page.waitForEvent('filechooser')
  await tabTo(page, page.getByRole('button', { name: 'Drop a file here, or choose one', exact: true })).catch(
    () => page.getByLabel(/Drop a file/).focus(),
  )
  await page.keyboard.press('Enter')
  await (await chosen).setFiles({ name: 'shop.csv', mimeType: 'text/csv', buffer: Buffer.from(FIRST) })
  await page.getByRole('button', { name: 'Plan' }).waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Plan', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Apply' }).waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Apply', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Apply', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByText('completed').waitFor()
  t.same(await served.db.rows('SELECT count(*)::int AS rows FROM shop'), [{ rows: 3 }])
})

browserTest('a file that is dropped', async (t) => {
  const { page } = await signedIn(t)
  await page.getByRole('link', { name: 'Load', exact: true }).click()
  const files = await page.evaluateHandle(
    (text) => {
      const dropped = new DataTransfer()
      dropped.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }))
      return dropped
    },
    FIRST.replaceAll(',', ';'),
  )
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: files })
  await page.getByRole('heading', { name: 'Load dropped.csv' }).waitFor()
  await page.getByRole('button', { name: 'Plan' }).waitFor()
  t.match(await page.getByRole('region', { name: 'What is in it' }).textContent(), /delimiter;/)
})
