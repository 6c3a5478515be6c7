// tap's "before": compiles TypeScript, and starts the PostgreSQL for all tests of this run. DASY_TEST_DATABASE_URL names
// one that runs already (any from 15 on; the role must be a superuser); without it an embedded one is started in a
// temporary folder.
import { EmbeddedServer } from '../../dist/db/embedded/server.js'
import { cleanUp } from './clean-up.mjs'
import { TestRun } from './test-run.mjs'
import { compileAll } from './typescript/compiled.mjs'

compileAll()

for (const dead of TestRun.abandoned()) {
  await cleanUp(dead).catch((error) =>
    console.error(`${dead.folder} of an earlier test run stays: ${error.message}`),
  )
}

const run = TestRun.current()
run.makeFolder()
const named = process.env.DASY_TEST_DATABASE_URL
if (named) {
  run.write({ url: named, embedded: false })
} else {
  const server = new EmbeddedServer({ home: run.home })
  await server.keep()
  run.write({ url: await server.url(), embedded: true })
}
