import { inspectTarget, requireTarget } from '../catalog/target.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { FirstLoad } from './first-load.js'
import { LockedTarget } from './locked-target.js'
import { NewTable } from './new-table.js'
import { RowByRow } from './row-by-row.js'
import type { MergeStrategy } from './strategy.js'
import { TableAggregates } from './table-aggregates.js'
import { Upsert } from './upsert.js'

/**
 * The strategy for the target as it is now, which is locked then.
 * @param isRowByRow whether rows are written so that those which cannot be are found
 * @throws MappingChanged, DasyError TABLE_NOT_FOUND, FOREIGN_CODE, NAME_TAKEN and those of the mapping
 */
export async function choose(
  context: RunContext,
  judged: Judged,
  isRowByRow: boolean,
): Promise<MergeStrategy> {
  const { session, settings } = context
  const find = judged.mapper.mayMake ? inspectTarget : requireTarget
  const found = await find(session, settings.table)
  if (!found) return await NewTable.begin(context, judged)

  const locked = await LockedTarget.lock(context, judged, found)
  const merging = locked.context
  const aggregates = await TableAggregates.begin(merging, locked.target)
  if (isRowByRow) return new RowByRow(merging, locked.target, aggregates)
  const key = settings.policy.existingOnly ? undefined : await locked.keyToRebuild()
  return key
    ? new FirstLoad(merging, locked.target, aggregates, key)
    : new Upsert(merging, locked.target, aggregates)
}
