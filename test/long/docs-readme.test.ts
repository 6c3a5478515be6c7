/** Every command that README.md prints, in their order, with the embedded server of a folder that looks like a clone. */
import t from 'tap'
import { assertPage, makeClone } from '../docs/assert-page.js'
import { dasy } from '../support/cli.js'

t.test('README.md', async (t) => {
  const clone = makeClone(t)
  t.teardown(() => dasy(['db', 'destroy', '--yes'], { cwd: clone }))
  await assertPage(t, 'README.md', { clone, env: {}, adminUrl: '' })
})
