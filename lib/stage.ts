import type { LoadPlan } from './load/protocol.js'
import { Staging } from './load/staging.js'
import { MissingRanges } from './missing-ranges.js'
import type { RunParts } from './run-parts.js'

/** The workers COPY into staging what is not there yet. */
export async function stageMissing(parts: RunParts, plan: LoadPlan): Promise<void> {
  const { session, settings, pool, ledger, header, readings, progress, staged } = parts
  await new Staging(session, plan.run, header.length, pool.size).prepare()
  const missing = new MissingRanges(readings, await ledger.staged(), await ledger.textEnds(), {
    workers: pool.size,
    rangeSize: settings.rangeSize,
  })
  if (missing.isNothing) return
  await ledger.enter('staging')
  progress.advanced?.(missing.stagedBytes, (await ledger.totals()).read)
  const load = pool.load(plan, missing, (range, { records }, block) => {
    progress.advanced?.(range.delivered, records)
    missing.recycle(range, block)
    staged()
  })
  // Without its session the run is nobody's any more.
  await Promise.race([load, session.lost])
}
