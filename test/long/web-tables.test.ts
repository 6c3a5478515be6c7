import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import type { Served } from '../service/served.js'
import { browserTest, isAccessible, settled, signedIn, visit } from '../web/browser.js'

const ROWS = 130

async function withProducts(t: Test): Promise<{ served: Served; page: Page }> {
  const { served, page } = await signedIn(t)
  const lines = Array.from(
    { length: ROWS },
    (_, index) => `${index + 1},Item ${index + 1},${index % 4 ? 'Acme' : 'Globex'}`,
  )
  writeFileSync(join(served.cwd, 'products.csv'), `id,name,brand\n${lines.join('\n')}\n1000,No brand,\n`)
  const args = ['ingest', 'products.csv', '--table', 'products', '--key', 'id', '--types', 'id:int']
  ;(await served.dasy(...args)).expectStatus(0)
  ;(await served.dasy('aggregate', 'products', 'brand')).expectStatus(0)
  return { served, page }
}

/** The texts of a column of the list, from above. */
async function shown(page: Page, column: number): Promise<string[]> {
  await settled(page)
  return await page.locator(`tbody tr td:nth-child(${column})`).allTextContents()
}

browserTest('tables and rows: filter, sort, pages', async (t) => {
  const { served, page } = await withProducts(t)
  await visit(page, '#/tables', 'Tables')
  t.match(await page.getByRole('row').nth(1).textContent(), /products.*id.*3.*by brand/)
  await isAccessible(t, page, 'tables')
  await page.getByRole('link', { name: 'products', exact: true }).click()
  await page.getByRole('button', { name: 'name' }).waitFor()
  t.equal((await shown(page, 1)).length, 100)
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByRole('button', { name: 'First page' }).waitFor()
  t.equal((await shown(page, 1)).length, ROWS + 1 - 100)
  await page.goBack()
  await page.getByRole('button', { name: 'Next page' }).waitFor()

  await page.getByRole('button', { name: 'id', exact: true }).click()
  await page.getByRole('columnheader', { name: 'id' }).and(page.locator('[aria-sort=ascending]')).waitFor()
  await page.getByRole('button', { name: 'id', exact: true }).click()
  await page.getByRole('columnheader', { name: 'id' }).and(page.locator('[aria-sort=descending]')).waitFor()
  t.same((await shown(page, 1)).slice(0, 2), ['1000', '130'], 'sorted as numbers')

  await page.getByLabel('Column').selectOption('name')
  await page.getByLabel('Condition').selectOption('like')
  await page.getByLabel('Value').fill('Item 12%')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByRole('button', { name: 'Remove name like Item 12%' }).waitFor()
  const expected = await served.db.rows(
    "SELECT id::text FROM products WHERE name LIKE 'Item 12%' ORDER BY id DESC",
  )
  t.same(
    await shown(page, 1),
    expected.map(({ id }) => id),
  )
  await isAccessible(t, page, 'rows')
  await page.reload()
  await page.getByRole('button', { name: 'Remove name like Item 12%' }).waitFor()
  t.pass('the URL says what is shown')

  await page.getByLabel('Column').selectOption('brand')
  await page.getByLabel('Condition').selectOption('null')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByText('No row is like that.').waitFor()
  await page.getByRole('button', { name: 'Remove name like Item 12%' }).click()
  await page.getByRole('cell', { name: 'No brand' }).waitFor()
  t.same(await shown(page, 1), ['1000'])
})

browserTest('a row: edited in place, with its history, made and deleted', async (t) => {
  const { served, page } = await withProducts(t)
  const brands = (id: number) => served.db.rows(`SELECT name, brand FROM products WHERE id = ${id}`)
  await visit(page, `#/tables/products?${new URLSearchParams({ 'filter[id]': '7' })}`, 'products')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('form', { name: 'Edit 7' })
  await isAccessible(t, page, 'editor')
  await form.getByLabel('name', { exact: false }).first().fill('Seven')
  await form.getByRole('button', { name: 'brand: NULL' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: 'Seven' }).waitFor()
  t.same(await brands(7), [{ name: 'Seven', brand: null }])

  await page.getByRole('button', { name: 'Edit' }).click()
  await form.waitFor()
  await served.db.rows("UPDATE products SET brand = 'Wayne' WHERE id = 7 RETURNING 1")
  await form.getByLabel('name', { exact: false }).first().fill('Lost')
  await page.keyboard.press('Enter')
  await page.getByText('Changed meanwhile').waitFor()
  t.same(await brands(7), [{ name: 'Seven', brand: 'Wayne' }], 'what others wrote is not overwritten')
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'History' }).click()
  await page.getByText('Changed outside of dasy').waitFor()
  const history = page.getByRole('region', { name: 'History' })
  t.match(await history.textContent(), /run 2 row.*Item 7 → Seven.*run 1 ingest.*insert/s)
  await isAccessible(t, page, 'history')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('ROW_NOT_FOUND').waitFor()
  t.same(await brands(7), [])

  await page.getByRole('link', { name: 'New row' }).click()
  await page.getByLabel('id', { exact: false }).first().fill('x')
  await page.getByRole('button', { name: 'Insert' }).click()
  await page.getByRole('alert').waitFor()
  t.match(await page.getByRole('alert').textContent(), /column "id"/i, 'the reason of PostgreSQL')
  await page.getByLabel('id', { exact: false }).first().fill('7')
  await page.getByRole('button', { name: 'Insert' }).click()
  await page.getByRole('heading', { name: '7', exact: true }).waitFor()
  t.same(await brands(7), [{ name: null, brand: null }])
})

browserTest('the largest groups as bars', async (t) => {
  const { served, page } = await withProducts(t)
  await visit(page, '#/tables/products/aggregates/brand', 'products')
  const expected = await served.db.rows(
    'SELECT brand, count(*)::int AS count FROM products GROUP BY brand ORDER BY 2 DESC',
  )
  const lines = await page.locator('.bars tbody tr').allTextContents()
  t.same(
    lines,
    expected.map(({ brand, count }) => `${brand ?? 'NULL'}${count}`),
  )
  const widths = await page
    .locator('.bars rect')
    .evaluateAll((bars) => bars.map((bar) => bar.getAttribute('width')))
  t.equal(widths[0], '100%')
  await isAccessible(t, page, 'groups')
  await page.getByLabel('Group contains').fill('glob')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('link', { name: 'Acme' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Globex' }).click()
  await page.getByRole('button', { name: 'Remove brand = Globex' }).waitFor()
})
