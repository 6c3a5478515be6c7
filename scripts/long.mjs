#!/usr/bin/env node
// The long forms of the tests, which "npm test" leaves out or cuts short: see the help text below.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HELP = `Usage: npm run long -- [options]

Runs what takes too long for "npm test", one after the other: kills, damaged files, a large pipe. ("npm run long" runs
the tests in test/long first.)

  --share <part>   of the whole length (default 1; .ci/run takes 0.1)
  --seed <n>       another number, other choices (default: by the clock)
  --only <name>    this form alone: see the names that it prints
`

/**
 * What runs: a script, and by which of its flags it is as long as it should be.
 * @typedef {{ name: string, script: string, flag: string, whole: number, args?: string[], needs?: string }} Form
 */

const DEBIAN = '/usr/lib/postgresql/15/bin/postgres'

/** From 50,000 records on a second session helps with the merge; more of them only take longer. */
const LOADS = ['--records', '60000']
/** Of so many records an undo of the first load has a table of its own for its changes, the others do not. */
const CHANGES = ['--of', 'changes', '--records', '30000']

/** @type {Form[]} */
const FORMS = [
  { name: 'kills', script: 'kill-test', flag: '--kills', whole: 300, args: LOADS },
  {
    name: 'kills on PostgreSQL 15',
    script: 'kill-test',
    flag: '--kills',
    whole: 100,
    args: [...LOADS, '--debian'],
    needs: DEBIAN,
  },
  { name: 'kills of changes', script: 'kill-test', flag: '--kills', whole: 120, args: CHANGES },
  {
    name: 'kills of changes on PostgreSQL 15',
    script: 'kill-test',
    flag: '--kills',
    whole: 40,
    args: [...CHANGES, '--debian'],
    needs: DEBIAN,
  },
  { name: 'damaged files', script: 'fuzz', flag: '--files', whole: 1000 },
  { name: 'large pipe', script: 'large-pipe', flag: '--gigabytes', whole: 20 },
]

const { values } = parseArgs({
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const [share, seed] = [Number(values.share), Number(values.seed)]
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
if (!(share > 0 && share <= 1) || !Number.isSafeInteger(seed)) {
  process.stderr.write(HELP)
  process.exit(2)
}

const forms = FORMS.filter(({ name, needs }) =>
  values.only === undefined ? !needs || existsSync(needs) : name === values.only,
)
console.log(`seed ${seed}, share ${share}`)
const failed = forms.filter((form) => !run(form))
for (const { name } of failed) console.log(`FAILED: ${name}`)
console.log(`${forms.length - failed.length} long forms passed, ${failed.length} failed (seed ${seed})`)
process.exitCode = failed.length > 0 || forms.length === 0 ? 1 : 0

/** @param {Form} form @returns whether all was well */
function run({ name, script, flag, whole, args = [] }) {
  const length = Math.max(1, Math.round(whole * share))
  const seeded = script === 'large-pipe' ? [] : ['--seed', `${seed}`]
  const command = [`${script}.mjs`, flag, `${length}`, ...seeded, ...args]
  console.log(`== ${name}: node scripts/${command.join(' ')}`)
  const path = fileURLToPath(new URL(command[0] ?? '', import.meta.url))
  return spawnSync(process.execPath, [path, ...command.slice(1)], { stdio: 'inherit' }).status === 0
}
