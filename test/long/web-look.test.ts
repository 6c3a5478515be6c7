import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { Served } from '../service/served.js'
import { folder } from '../support/files.js'
import { browserTest, isAccessible, type Look, openPage, settled, visit } from '../web/browser.js'

const BRANDS = ['Acme', 'Globex', 'Initech', 'Umbrella', 'Wayne']

function csv(from: number, to: number, raised = 0): string {
  const lines = Array.from({ length: to - from }, (_, index) => {
    const id = from + index
    const price = (((id * 37) % 900) / 10 + 5 + (id % 9 === 0 ? raised : 0)).toFixed(2)
    return `P${1000 + id},"Table, model ${id}",${BRANDS[(id * id) % BRANDS.length]},${price}`
  })
  return `sku,name,brand,price\n${lines.join('\n')}\n`
}

/** A service with a load and a plan. */
async function withRuns(t: Test): Promise<Served> {
  const served = await Served.of(t)
  const load = async (command: string, text: string, ...args: string[]): Promise<void> => {
    writeFileSync(join(served.cwd, 'products.csv'), text)
    const all = [command, 'products.csv', '--table', 'products', '--key', 'sku', ...args]
    ;(await served.dasy(...all)).expectStatus(0)
  }
  await load('ingest', csv(0, 900))
  ;(await served.dasy('aggregate', 'products', 'brand')).expectStatus(0)
  const second = `${csv(100, 960, 5)}P1100,"Table, model 100",Acme,1.00\nP9,broken\n`
  await load('plan', second, '--max-rejects', '5')
  return served
}

const PLACES: readonly (readonly [string, string | RegExp])[] = [
  ['#/runs', 'Runs'],
  ['#/runs/2', 'Run 2: plan'],
  ['#/runs/2/changes', 'Run 2: plan'],
  ['#/runs/2/rejects', 'Run 2: plan'],
  ['#/load', 'Load a file'],
  ['#/tables', 'Tables'],
  ['#/tables/products', 'products'],
  ['#/tables/products/row/P1001', 'products'],
  ['#/tables/products/new', 'products'],
  ['#/tables/products/aggregates/brand', 'products'],
  ['#/tokens', 'Tokens'],
  ['#/nowhere', 'Not found'],
]

async function everywhere(t: Test, page: Page, what: string): Promise<void> {
  for (const [hash, heading] of PLACES) {
    await visit(page, hash, heading)
    await isAccessible(t, page, `${what} ${hash}`)
  }
}

const looks: Record<string, Look> = {
  'light and wide': {},
  'dark on a phone': { width: 360, colorScheme: 'dark' },
}

browserTest('every place is accessible, in each look, and a picture of it', async (t) => {
  const served = await withRuns(t)
  for (const [name, look] of Object.entries(looks)) await everywhere(t, await openPage(t, served, look), name)

  const page = await openPage(t, served, { width: 1000 })
  await visit(page, '#/runs/2', 'Run 2: plan')
  await page.getByRole('article').first().waitFor()
  await settled(page)
  // DASY_PICTURE=docs/page.png makes the one of the README anew.
  const path = process.env.DASY_PICTURE ?? join(folder(t), 'page.png')
  const picture = await page.screenshot({ path })
  t.ok(picture.length > 10_000)
})
