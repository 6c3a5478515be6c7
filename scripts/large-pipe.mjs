#!/usr/bin/env node
// Loads gigabytes through a pipe and sees that memory does not grow with them: see test/source/pipe/. A short form
// runs with the tests (test/long/cli-large-pipe.test.ts). Build first.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EmbeddedServer } from '../dist/db/embedded/server.js'
import { loadPipe, problemsOf } from '../test/source/pipe/pipe-load.mjs'

const HELP = `Usage: node scripts/large-pipe.mjs [options]

  --gigabytes <n>   how much text (default 20)
`

const { values } = parseArgs({
  options: { gigabytes: { type: 'string', default: '20' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
const bytes = Number(values.gigabytes) * 1e9
if (!(bytes > 0)) {
  process.stderr.write(HELP)
  process.exit(2)
}

const home = await mkdtemp(join(tmpdir(), 'dasy-pipe-home-'))
const server = new EmbeddedServer({ home })
await server.keep()
try {
  const loaded = await loadPipe(await server.url(), bytes)
  const problems = problemsOf(loaded, bytes)
  for (const problem of problems) console.log(`FAILED: ${problem}`)
  console.log(`${values.gigabytes} GB, ${loaded.megabytes} MB resident at most`)
  process.exitCode = problems.length > 0 ? 1 : 0
} finally {
  await server.destroy()
  await rm(home, { recursive: true, force: true })
}
