import { Staging } from '../ledger/staging.js'
import type { Loaded, WorkerPool } from '../load/pool.js'
import type { StagedRange } from '../ranges/gaps.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { Range } from '../ranges/range.js'
import { sizeOf } from '../ranges/sources.js'
import type { AttemptContext } from './run-context.js'

/** Finds the ranges that earlier attempts have not staged. Creates the staging tables that are missing. */
export async function findMissing(context: AttemptContext, pool: WorkerPool): Promise<MissingRanges> {
  const { session, settings, ledger, sources, plan, known } = context
  const columns = sources[0]?.opening.columns.length ?? 0
  const surplus = Math.max(...plan.sources.map((source) => source.surplus))
  const staging = new Staging(session, plan.run, columns + surplus, pool.size)
  const { staged, textEnds } = ledger.isNew
    ? await nothingStaged(staging)
    : await stagedBefore(context, staging)
  // What an earlier attempt staged is not scanned again.
  if (staged.length > 0) known.keys?.giveUp()
  return new MissingRanges(sources, staged, textEnds, {
    workers: pool.size,
    rangeSize: settings.tuning.rangeSize,
    keys: known.keys,
  })
}

/** Of the sources: the ranges that are staged, and the bytes at which the texts end, where they are known. */
interface Staged {
  readonly staged: readonly StagedRange[]
  readonly textEnds: readonly (number | null)[]
}

async function nothingStaged(staging: Staging): Promise<Staged> {
  await staging.create()
  return { staged: [], textEnds: [] }
}

async function stagedBefore({ ledger, sources }: AttemptContext, staging: Staging): Promise<Staged> {
  // What was staged on the direct path is of no use now; it stays as long as it cannot be replaced.
  if (await staging.directColumns()) await requireReadable(sources)
  await staging.complete()
  return { staged: await ledger.staged(), textEnds: await ledger.textEnds() }
}

/** The workers COPY these ranges into staging. Then the pool closes, and the sources must be unchanged. */
export async function stageMissing(
  context: AttemptContext,
  pool: WorkerPool,
  missing: MissingRanges,
): Promise<void> {
  const { ledger, events, plan, known } = context
  if (!missing.isNothing) {
    await ledger.enter('staging')
    const records = missing.areAll ? 0 : (await ledger.totals()).read
    events.emit({ type: 'resumed', bytes: missing.stagedBytes, records })
    await copyRanges(context, pool, { plan, ranges: missing }, (range, { rejectedRecords }, block) => {
      known.keys?.staged(range, rejectedRecords)
      missing.recycle(range, block)
    })
  }
  await endStaging(context, pool)
}

export function enterCopy({ sources, events }: AttemptContext): void {
  events.phase('copy', sizeOf(sources.map(({ source }) => source)))
}

/** @param staged called for each range that is committed, with its block to use again */
export async function copyRanges(
  { session, events }: AttemptContext,
  pool: WorkerPool,
  { plan, ranges }: { readonly plan: LoadPlan; readonly ranges: AsyncIterable<Range> | Iterable<Range> },
  staged: (range: Range, loaded: Loaded, block: Uint8Array | undefined) => void,
): Promise<void> {
  const copying = pool.load(plan, ranges, (range, loaded, block) => {
    staged(range, loaded, block)
    events.emit({ type: 'progress', bytes: range.delivered, records: loaded.records })
  })
  // Without its main session the process no longer owns the run.
  await Promise.race([copying, session.lost])
}

/** The pool closes, and the sources must be unchanged. */
export async function endStaging({ sources }: AttemptContext, pool: WorkerPool): Promise<void> {
  void pool.close() // while the main session works on
  await requireUnchanged(sources)
}

/** Before what was staged of them is dropped. @throws DasyError FILE_NOT_FOUND, SOURCE_CHANGED and others */
export async function requireReadable(sources: readonly PreparedSource[]): Promise<void> {
  for (const { source, opening } of sources) {
    await source.verifyUnchanged()
    await source.read(new Uint8Array(1), opening.start.offset)
  }
}

/** @throws DasyError SOURCE_CHANGED */
export async function requireUnchanged(sources: readonly PreparedSource[]): Promise<void> {
  for (const { source } of sources) await source.verifyUnchanged()
}
