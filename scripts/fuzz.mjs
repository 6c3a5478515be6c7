#!/usr/bin/env node
// Loads damaged files and compares the result with a slow reference: see test/csv/fuzz/. A short form runs with the
// tests (test/csv/fuzz/fuzz.test.ts). Build first: it loads with dist/.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EmbeddedServer } from '../dist/db/embedded/server.js'
import { fuzz } from '../test/csv/fuzz/fuzz.mjs'

const HELP = `Usage: node scripts/fuzz.mjs [options]

  --files <n>   how many files (default 100)
  --seed <n>    another number, other files (default: by the clock)
  --only <n>    this file of the seed alone
  --url <url>   a database to make tables in; without it an embedded server is started and removed
`

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
const [seed, files, only] = [values.seed, values.files, values.only ?? '0'].map(Number)
if (![seed, files, only].every(Number.isSafeInteger)) {
  process.stderr.write(HELP)
  process.exit(2)
}

const home = values.url ? undefined : await mkdtemp(join(tmpdir(), 'dasy-fuzz-home-'))
const server = home ? new EmbeddedServer({ home }) : undefined
await server?.keep()
console.log(`seed ${seed}`)
try {
  const report = await fuzz({
    url: values.url ?? (await server?.url()) ?? '',
    seed: Number(seed),
    cases: values.only ? [Number(only)] : Array.from({ length: Number(files) }, (_, index) => index),
    failed: (failure) => console.log(failure),
    progress: (sofar) => {
      if (sofar.files % 50 === 0) console.log(sofar.summary())
    },
  })
  console.log(`seed ${seed}: ${report.summary()}`)
  process.exitCode = report.failures.length > 0 ? 1 : 0
} finally {
  await server?.destroy()
  if (home) await rm(home, { recursive: true, force: true })
}
// A load that hangs would keep the process alive.
process.exit()
