/** Every command that the pages of docs/ and others print, in their order, in what looks like a fresh clone. */
import { readdirSync } from 'node:fs'
import t from 'tap'
import { assertPage, makeClone, ROOT } from '../docs/assert-page.js'
import { testDatabase } from '../support/database.js'

const PAGES = [
  ...readdirSync(`${ROOT}/docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'CONTRIBUTING.md',
  'examples/inbox/README.md',
  'examples/job-titles/README.md',
  'examples/products/README.md',
]

for (const page of PAGES) {
  t.test(page, async (t) => {
    const clone = makeClone(t)
    const database = await testDatabase(t)
    const env = { DATABASE_URL: database.url }
    await assertPage(t, page, { clone, env, adminUrl: database.url, database })
  })
}
