import { existsSync } from 'node:fs'
import axe, { type AxeResults } from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import type { Test } from 'tap'
import root from 'tap'
import { Served } from '../service/served.js'
import { TestRun } from '../support/test-run.mjs'

/** The page in a real Chromium, served by a real `dasy serve`. */

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = [process.env.DASY_TEST_CHROMIUM ?? '', ...PLACES].find((path) => existsSync(path))

/** Only there to end what hangs. */
const LIMIT_MS = 240_000

let browser: Promise<Browser> | undefined

/** A test that needs a Chromium; where there is none it says so. */
export function browserTest(name: string, run: (t: Test) => Promise<void>): void {
  const skip = executablePath === undefined && 'there is no Chromium: set DASY_TEST_CHROMIUM'
  root.test(name, { skip }, async (t) => {
    await run(t)
    t.same(faults.get(t) ?? [], [], 'no errors, and nothing from other hosts')
  })
}

/** What the pages of a test have said or done that they must not. */
const faults = new WeakMap<Test, string[]>()

function launched(): Promise<Browser> {
  browser ??= chromium
    .launch({
      executablePath: executablePath as string,
      // As root, as tests run in a container, Chromium has no sandbox.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      env: { ...process.env, TMPDIR: TestRun.current().temporary, NODE_OPTIONS: '' },
    })
    .then((started) => {
      root.teardown(() => started.close())
      return started
    })
  return browser
}

export interface Look {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
  /** Null: nobody is signed in. */
  readonly token?: string | null
}

/** A page of the browser. A test fails where it says an error, or asks another host. */
export async function openPage(t: Test, served: Served, look: Look = {}): Promise<Page> {
  const { width = 1200, colorScheme = 'light', token = served.token } = look
  const context = await (await launched()).newContext({ viewport: { width, height: 800 }, colorScheme })
  const page = await context.newPage()
  page.setDefaultTimeout(LIMIT_MS)
  const found = faults.get(t) ?? []
  faults.set(t, found)
  page.on('pageerror', (error) => found.push(String(error)))
  page.on('console', (message) => {
    // Chromium itself tells of answers that are errors, which the page shows.
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAnswer) found.push(message.text())
  })
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(served.url) || /^(blob|data):/.test(request.url())
    if (!isOwn) found.push(`it asks ${request.url()}`)
  })
  t.teardown(() => context.close())
  await page.goto(served.url)
  if (token !== null) await signIn(page, token)
  return page
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
}

/** A service with a page, somebody signed in. */
export async function signedIn(t: Test, look?: Look): Promise<{ served: Served; page: Page }> {
  const served = await Served.of(t)
  return { served, page: await openPage(t, served, look) }
}

/** Goes to a place of the page, and waits for its heading. */
export async function visit(page: Page, hash: string, heading: string | RegExp): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to
  }, hash)
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await settled(page)
}

/** Waits until everything that was asked for is shown. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
}

/** That axe finds nothing, and that the page is no wider than the window. */
export async function isAccessible(t: Test, page: Page, what: string): Promise<void> {
  await settled(page)
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  t.same(found, [], `${what}: axe finds nothing`)
  const [width, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
  t.ok((width ?? 0) <= (inner ?? 0), `${what}: no wider than the window`, { width, inner })
}

/** Presses Tab until the focus is there. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.first().waitFor()
  for (let presses = 0; presses < 100; presses++) {
    for (const each of await wanted.all())
      if (await each.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${wanted}`)
}
