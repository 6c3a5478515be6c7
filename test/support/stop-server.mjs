// tap's "after": removes what start-server.mjs made, and whatever the tests left on the server.
import { cleanUp } from './clean-up.mjs'
import { TestRun } from './test-run.mjs'

await cleanUp(TestRun.current())
