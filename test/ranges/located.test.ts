import t from 'tap'
import { checkLocated } from './located-case.js'

/** One seed, so that every run of the tests does the same; test/long/losers.test.ts takes others. */
const SEED = 2026
const CASES = 600

t.test(`of ${CASES} damaged texts the direct path loads what the usual one does`, async (t) => {
  let [known, omitted, missing, counted] = [0, 0, 0, 0]
  for (let number = 0; number < CASES; number += 1) {
    const outcome = await checkLocated(SEED, number)
    if (outcome.problem !== undefined)
      t.fail(`seed ${SEED}, case ${number}: ${outcome.problem.slice(0, 500)}`)
    if (outcome.omitted !== undefined) known += 1
    omitted += outcome.omitted ?? 0
    missing += outcome.missing
    counted += Number(outcome.isCounted ?? false)
  }
  t.ok(known > CASES / 2, `of ${known} it is known where records are`)
  t.ok(omitted > CASES, `${omitted} records were omitted`)
  t.ok(counted > CASES / 3, `of ${counted} the groups were counted`)
  t.ok(missing > 10, `${missing} records won because others were rejected`)
})
