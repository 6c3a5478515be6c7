import t from 'tap'
import { checkCase } from '../ranges/losers-case.js'

/** Another one each time. */
const SEED = Date.now() % 1_000_000
const CASES = 5_000

t.test(`${CASES} damaged texts of seed ${SEED}`, async (t) => {
  let losers = 0
  for (let number = 0; number < CASES; number += 1) {
    const outcome = await checkCase(SEED, number)
    if (outcome.problem !== undefined) t.fail(`seed ${SEED}, case ${number}: ${outcome.problem}`)
    losers += outcome.losers ?? 0
  }
  t.ok(losers > CASES, `${losers} records lost`)
})
