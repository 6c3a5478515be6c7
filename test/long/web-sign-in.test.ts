import { Served } from '../service/served.js'
import { browserTest, isAccessible, openPage, signedIn, signIn, tabTo } from '../web/browser.js'

browserTest('who has a token signs in, and stays signed in', async (t) => {
  const served = await Served.of(t)
  const page = await openPage(t, served, { token: null })
  await isAccessible(t, page, 'sign-in')

  await page.getByLabel('Token').fill('dasy_wrong')
  await page.keyboard.press('Enter')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  t.match(await alert.textContent(), /Unauthorized UNAUTHORIZED/)

  await signIn(page, served.token)
  await page.reload()
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
  t.match(await page.context().cookies(), [{ httpOnly: true, sameSite: 'Strict' }])
  t.equal(
    await page.evaluate(() => localStorage.length + sessionStorage.length),
    0,
    'the token is kept nowhere',
  )

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Token').waitFor()
  t.same(await page.context().cookies(), [])
})

browserTest('by keyboard alone', async (t) => {
  const served = await Served.of(t)
  const page = await openPage(t, served, { token: null })
  await tabTo(page, page.getByLabel('Token'))
  await page.keyboard.type(served.token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Sign out', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByLabel('Token').waitFor()
})

browserTest('a token that is revoked, and scopes', async (t) => {
  const { served, page } = await signedIn(t)
  const token = await served.tokenOf('read', 'reader')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, token)
  const places = page.getByRole('navigation', { name: 'Places' })
  t.same(await places.getByRole('link').allTextContents(), ['Runs', 'Tables'], 'what a reader can do')

  ;(await served.dasy('token', 'revoke', 'reader')).expectStatus(0)
  await page.getByRole('link', { name: 'Tables' }).click()
  await page.getByLabel('Token').waitFor()
  t.pass('the page asks for a token again')
})
