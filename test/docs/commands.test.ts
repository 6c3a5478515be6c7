/** Every command that README.md and the pages of docs/ print, in their order, in what looks like a fresh clone. */
import { chmodSync, cpSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { asDeclared } from './output.js'
import { readPage } from './page.js'
import { lacks, runSteps } from './shell.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Of a clone, what the pages' commands use. */
const COPIED = ['examples', 'package.json', 'dasy.schema.json']
const LINKED = ['bin', 'bundle', 'dist', 'node_modules', 'scripts', 'sql']

const PAGES = [
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
  'CONTRIBUTING.md',
  'examples/job-titles/README.md',
  'examples/products/README.md',
]

t.test('README.md, with the embedded server of its own folder', async (t) => {
  const clone = makeClone(t)
  t.teardown(() => dasy(['db', 'destroy', '--yes'], { cwd: clone }))
  await assertPage(t, 'README.md', clone, {}, '')
})

for (const page of PAGES) {
  t.test(page, async (t) => {
    const clone = makeClone(t)
    const database = await testDatabase(t)
    await assertPage(t, page, clone, { DATABASE_URL: database.url }, database.url)
  })
}

function makeClone(t: Test): string {
  const clone = folder(t)
  chmodSync(clone, 0o755) // the embedded server's user is another one where the tests run as root
  for (const name of COPIED) cpSync(join(ROOT, name), join(clone, name), { recursive: true })
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(clone, name))
  return clone
}

async function assertPage(
  t: Test,
  page: string,
  clone: string,
  env: Record<string, string>,
  adminUrl: string,
): Promise<void> {
  const steps = readPage(join(ROOT, page))
  const cwd = page.startsWith('examples/') ? join(clone, dirname(page)) : clone
  const done = await runSteps(steps, { folder: folder(t), cwd, env, adminUrl })
  let last: string | undefined
  for (const [number, step] of steps.entries()) {
    const where = `${page}:${step.line}`
    const result = done[number]
    if (step.kind === 'json') t.doesNotThrow(() => JSON.parse(step.text), `${where} is JSON`)
    if (step.kind === 'output' && last !== undefined) {
      t.equal(asDeclared(last), asDeclared(step.text), `${where} is what the command prints`)
    }
    if (step.kind !== 'command' && step.kind !== 'sql') continue
    last = result?.output
    if (step.kind === 'command' && lacks(step.text)) {
      t.comment(`${where} is left out: there is no ${lacks(step.text)} here`)
      continue
    }
    const expected = step.kind === 'command' ? step.status : 0
    t.equal(result?.status, expected, `${where}: ${step.text}`, { output: result?.output })
    if (result?.status !== expected) return
  }
}
