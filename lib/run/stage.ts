import { Staging } from '../ledger/staging.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import type { RunParts } from './run-parts.js'

/** What an earlier attempt has not staged; the tables for it are there then. */
export async function findMissing(parts: RunParts, plan: LoadPlan): Promise<MissingRanges> {
  const { session, settings, pool, ledger, header, readings } = parts
  const surplus = Math.max(...plan.sources.map((source) => source.surplus))
  await new Staging(session, plan.run, header.length + surplus, pool.size).prepare()
  return new MissingRanges(readings, await ledger.staged(), await ledger.textEnds(), {
    workers: pool.size,
    rangeSize: settings.rangeSize,
  })
}

/** The workers COPY it into staging. */
export async function stageMissing(parts: RunParts, plan: LoadPlan, missing: MissingRanges): Promise<void> {
  const { session, pool, ledger, progress, staged } = parts
  await ledger.enter('staging')
  progress.resumed?.(missing.stagedBytes, (await ledger.totals()).read)
  const load = pool.load(plan, missing, (range, { records }, block) => {
    progress.advanced?.(range.delivered, records)
    missing.recycle(range, block)
    staged()
  })
  // Without its session the run is nobody's any more.
  await Promise.race([load, session.lost])
}
