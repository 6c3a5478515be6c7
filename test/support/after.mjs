// tap's "after": fails if the tests left something behind, and removes it and what before.mjs made.
import { cleanUp } from './clean-up.mjs'
import { leftBehind } from './left-behind.mjs'
import { TestRun } from './test-run.mjs'

const run = TestRun.current()
try {
  const left = await leftBehind(run)
  for (const what of left) console.error(`left behind: ${what}`)
  if (left.length > 0) process.exitCode = 1
} finally {
  await cleanUp(run)
}
