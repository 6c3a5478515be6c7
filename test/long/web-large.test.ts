import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { KnownReceipt } from '../../lib/contract/receipt.js'
import { folder } from '../support/files.js'
import { browserTest, isAccessible, settled, signedIn, visit } from '../web/browser.js'

/** The page with a file of 500 MB and a table of 5,000,000 rows. */

const RECORDS = Math.round(5_000_000 * Number(process.env.DASY_LONG_SHARE ?? 1))
const GROUPS = 1000
const PAGE = 100

/** Records of 100 bytes, with keys in no order. */
function writeProducts(path: string): void {
  const file = openSync(path, 'w')
  writeSync(file, 'sku,name,description\n')
  for (let first = 0; first < RECORDS; first += 10_000) {
    const count = Math.min(10_000, RECORDS - first)
    // 7919 is a prime number that divides no number of records here: each key comes once.
    const lines = Array.from({ length: count }, (_, index) => record(((first + index) * 7919) % RECORDS))
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}

function record(n: number): string {
  const start = `p${String(n).padStart(8, '0')},Name ${n % GROUPS},`
  return `${start}${'x'.repeat(99 - start.length)}\n`
}

/** How much of the file the page says it has sent, in percent. */
async function percentSent(page: Page): Promise<number> {
  const text = await page.getByRole('region', { name: 'Upload' }).textContent()
  return Number(/([\d.]+) %/.exec(text ?? '')?.[1] ?? 0)
}

/** The keys that are shown, from above. */
async function shownKeys(page: Page): Promise<string[]> {
  await settled(page)
  return await page.locator('tbody tr td:nth-child(1)').allTextContents()
}

browserTest('500 MB that a reload cuts, loaded, and 5,000,000 rows to look at', async (t) => {
  const path = join(folder(t), 'products.csv')
  writeProducts(path)
  const { size } = statSync(path)
  const { served, page } = await signedIn(t)
  const network = await page.context().newCDPSession(page)
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  await network.send('Network.enable')
  await network.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: size / 10 })
  await page.getByRole('link', { name: 'Load', exact: true }).click()
  await page.getByLabel(/Drop a file/).setInputFiles(path)
  while ((await percentSent(page)) < 30) await page.waitForTimeout(50)
  await page.reload()
  await page
    .getByRole('region', { name: 'Not all has arrived' })
    .getByText(/products\.csv/)
    .waitFor()

  await network.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 })
  const offsets: number[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  await page.getByLabel(/Drop a file/).setInputFiles(path)
  await page.getByRole('button', { name: 'Load', exact: true }).waitFor()
  t.equal(offsets.length, 1)
  t.ok((offsets[0] ?? 0) > size / 5, 'only the rest was sent', { offsets, size })
  await page.getByRole('button', { name: 'Load', exact: true }).click()
  await page.getByRole('heading', { name: 'Where each record went' }).waitFor()
  const { run } = await served.db.row<{ run: number }>('SELECT max(run) AS run FROM dasy.runs')
  const { rows } = await served.json<KnownReceipt>('GET', `/v1/runs/${run}`)
  t.match(rows, { read: RECORDS, inserted: RECORDS, rejected: 0 })
  t.equal(await served.db.value('SELECT count(*) FROM products'), RECORDS)

  await visit(page, '#/tables/products', 'products')
  const key = (n: number) => `p${String(n).padStart(8, '0')}`
  const from = (n: number) => Array.from({ length: PAGE }, (_, index) => key(n + index))
  t.same(await shownKeys(page), from(0))
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByRole('cell', { name: key(PAGE), exact: true }).waitFor()
  t.same(await shownKeys(page), from(PAGE))
  await isAccessible(t, page, 'rows')
  await page.getByRole('button', { name: 'sku', exact: true }).click()
  await page.locator('[aria-sort=ascending]').waitFor()
  await page.getByRole('button', { name: 'sku', exact: true }).click()
  await page.locator('[aria-sort=descending]').waitFor()
  t.same((await shownKeys(page))[0], key(RECORDS - 1))

  await page.getByLabel('Column').selectOption('sku')
  await page.getByLabel('Condition').selectOption('gt')
  await page.getByLabel('Value').fill(key(RECORDS - 3))
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByRole('button', { name: /^Remove sku/ }).waitFor()
  t.same(await shownKeys(page), [key(RECORDS - 1), key(RECORDS - 2)])

  // No index helps with this one.
  await visit(page, `#/tables/products?${new URLSearchParams({ 'filter[name]': 'Name 7' })}`, 'products')
  await page.getByRole('cell', { name: key(7), exact: true }).waitFor()
  t.same(
    await shownKeys(page),
    Array.from({ length: PAGE }, (_, index) => key(7 + index * GROUPS)),
  )
  await visit(page, '#/tables/products/aggregates/name', 'products')
  const [line] = await page.locator('.bars tbody tr').allTextContents()
  t.match(line, new RegExp(`^Name \\d+${(RECORDS / GROUPS).toLocaleString('en')}$`))
  await isAccessible(t, page, 'groups')
})
