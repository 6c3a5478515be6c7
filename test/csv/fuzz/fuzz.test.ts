import t from 'tap'
import '../../support/compiled.js'
import { testDatabase } from '../../support/database.js'

// Only now: threads must have been told to start without the loader of tap.
const { fuzz } = await import('./fuzz.mjs')

/** One seed, so that every run of the tests does the same; scripts/fuzz.mjs takes others, and more files. */
const SEED = 2019
const FILES = 8

t.test(`${FILES} damaged files load as the rule for records says, whatever the ranges`, async (t) => {
  const { url } = await testDatabase(t)
  const cases = Array.from({ length: FILES }, (_, index) => index)
  const report = await fuzz({ url, seed: SEED, cases, failed: (failure) => t.fail(failure) })
  t.comment(`seed ${SEED}: ${report.summary()}`)
  t.equal(report.files, FILES, 'all were loaded')
  t.same(report.failures, [], 'and none failed')
})
