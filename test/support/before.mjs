// tap's "before": compiles TypeScript, and starts the PostgreSQL for all tests of this run. DASY_TEST_DATABASE_URL names
// one that runs already (any from 15 on; the role must be a superuser); without it an embedded one is started in a
// temporary folder.
import pg from 'pg'
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
  const url = await server.url()
  await withoutSync(url)
  run.write({ url, embedded: true })
}

/**
 * The server is gone when the tests are done: nothing has to survive a power cut.
 * @param {string} url
 */
async function withoutSync(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('ALTER SYSTEM SET fsync = off')
  await client.query('SELECT pg_reload_conf()')
  await client.end()
}
