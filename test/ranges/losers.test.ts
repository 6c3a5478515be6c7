import t from 'tap'
import { checkCase } from './losers-case.js'

/** One seed, so that every run of the tests does the same; test/long/losers.test.ts takes others. */
const SEED = 2026
const CASES = 400

t.test(`in ${CASES} damaged texts the same records lose as in what COPY is given`, async (t) => {
  let compared = 0
  let losers = 0
  for (let number = 0; number < CASES; number += 1) {
    const outcome = await checkCase(SEED, number)
    if (outcome.problem !== undefined) t.fail(`seed ${SEED}, case ${number}: ${outcome.problem}`)
    if (outcome.losers !== undefined) compared += 1
    losers += outcome.losers ?? 0
  }
  t.ok(compared > CASES / 2, `${compared} were compared by their bytes`)
  t.ok(losers > CASES, `${losers} records lost`)
})
