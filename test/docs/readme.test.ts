/** Every command that README.md prints, in their order, with the embedded server of a folder that looks like a clone. */
import t from 'tap'
import { dasy } from '../support/cli.js'
import { assertPage, makeClone } from './assert-page.js'

t.test('README.md', async (t) => {
  const clone = makeClone(t)
  t.teardown(() => dasy(['db', 'destroy', '--yes'], { cwd: clone }))
  await assertPage(t, 'README.md', { clone, env: {}, adminUrl: '' })
})
