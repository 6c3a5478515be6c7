// Stores what V8 has compiled of the command line once it has run, for later processes: a start with that is faster than
// with all functions compiled, which are three times as much to read, and most of them are not called. A part of the build.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cache, commandLineOf, scriptWith } from '../bin/script.js'

const FILE = fileURLToPath(new URL('../examples/products.csv', import.meta.url))
/** Nobody listens there: as far as any command comes without a server. */
const NOWHERE = ['--database-url', 'postgresql://127.0.0.1:1/nothing', '--retry-for', '0']

const script = scriptWith(undefined)
const { main } = commandLineOf(script)
for (const args of [['--version'], ['inspect', FILE, '--json'], ['ingest', FILE, ...NOWHERE]])
  await main(args)
writeFileSync(cache, script.createCachedData())
