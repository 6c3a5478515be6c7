// Measures one case: its sides in turn, each a whole process, repeatedly.
import { median, processor, seconds } from './figures.mjs'

/**
 * @typedef {import('./figures.mjs').Run} Run
 * @typedef {import('./figures.mjs').Figure} Figure
 *
 * @typedef {object} Scale
 * @property {number} records
 * @property {number} large
 * @property {number} times
 * @property {string} workers
 * @property {number} load
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} what
 * @property {boolean} [large] only measured if it is named
 * @property {boolean} [chart] whether the chart shows its times
 * @property {import('./servers/index.mjs').ServerName} [server] that it runs on; the embedded one, if none is named
 * @property {(bench: import('./workbench.mjs').Workbench, scale: Scale) => Promise<Plan>} plan makes what it needs
 *
 * @typedef {object} Plan
 * @property {Side[]} sides
 * @property {Claim[]} claims
 * @property {string[]} [missing] what is left out on this machine, and why
 * @property {number} [times] if more or fewer are needed than usual
 * @property {(results: SideResult[]) => string[]} [conclude] further conclusions
 * @property {() => void} [close] closes what was made for it
 *
 * @typedef {object} Side
 * @property {string} name
 * @property {() => Promise<unknown>} [prepare] not timed
 * @property {() => Promise<Run>} run
 * @property {(run: any) => Promise<void>} [verify] after each run, not timed; throws if the result is wrong
 *
 * @typedef {object} Claim one side against another, or one side alone
 * @property {string} of
 * @property {string | string[]} [to] the slowest, if several
 * @property {Figure} figure
 * @property {number} must
 * @property {number} [aim]
 * @property {boolean} [atLeast] whether more is better
 *
 * @typedef {object} SideResult
 * @property {string} name
 * @property {Run[]} runs
 *
 * @typedef {Claim & { value: number, missed: boolean, work?: number }} Verdict `work`: the same ratio of processor seconds
 *
 * @typedef {object} CaseResult
 * @property {string} name
 * @property {string} what
 * @property {import('./servers/index.mjs').ServerName} server
 * @property {boolean} chart
 * @property {SideResult[]} sides
 * @property {Verdict[]} verdicts
 * @property {string[]} notes
 */

/**
 * @param {Case} measured
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {Scale} scale
 * @returns {Promise<CaseResult>}
 */
export async function runCase({ name, what, chart = false, server = 'embedded', plan }, bench, scale) {
  const { sides, claims, missing = [], times = scale.times, conclude, close } = await plan(bench, scale)
  const results = sides.map((side) => ({ name: side.name, runs: /** @type {Run[]} */ ([]) }))
  try {
    for (let time = 0; time < times; time++) {
      for (const [index, side] of sides.entries()) {
        await side.prepare?.()
        await bench.checkpoint()
        const run = await side.run()
        await side.verify?.(run)
        results[index]?.runs.push(run)
      }
    }
  } finally {
    close?.()
  }
  const measured = results.filter(({ runs }) => runs.length > 0)
  const verdicts = claims.map((claim) => judge(claim, measured))
  return {
    name,
    what,
    server,
    chart,
    sides: measured,
    verdicts,
    notes: [...missing, ...(conclude?.(measured) ?? [])],
  }
}

/** @param {Claim} claim @param {SideResult[]} results @returns {Verdict} */
function judge(claim, results) {
  const value = measuredOf(claim, claim.figure, results)
  // An unknown value neither meets nor misses its limit.
  const missed = claim.atLeast ? value < claim.must : value > claim.must
  const isOfTimes = claim.to !== undefined && claim.figure === seconds
  return { ...claim, value, missed, ...(isOfTimes && { work: measuredOf(claim, processor, results) }) }
}

/** @param {Claim} claim @param {Figure} figure @param {SideResult[]} results */
function measuredOf({ of, to = [] }, figure, results) {
  const figureOf = (/** @type {string} */ name) =>
    median(results.find((side) => side.name === name)?.runs.map(figure.of) ?? [])
  const others = [to].flat().map(figureOf)
  return others.length === 0 ? figureOf(of) : figureOf(of) / Math.max(...others)
}
