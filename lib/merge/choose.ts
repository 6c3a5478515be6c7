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
 * Chooses the strategy for the table as it is now, and locks the table if it exists.
 * @param isRowByRow whether to write row by row, because a statement for all rows has failed
 * @throws MappingChanged, DasyError TABLE_NOT_FOUND, FOREIGN_CODE, NAME_TAKEN and those of the mapping
 */
export async function choose(
  context: RunContext,
  judged: Judged,
  isRowByRow: boolean,
): Promise<MergeStrategy> {
  const find = judged.mapper.mayMake ? inspectTarget : requireTarget
  const existing = await find(context.session, context.settings.table)
  if (!existing) return await NewTable.begin(context, judged)

  const locked = await LockedTarget.lock(context, judged, existing)
  const aggregates = await TableAggregates.begin(locked.context, locked.target)
  if (isRowByRow) return new RowByRow(locked.context, locked.target, aggregates)

  const key = await locked.keyToRebuild()
  if (key) return new FirstLoad(locked.context, locked.target, aggregates, key)
  return new Upsert(locked.context, locked.target, aggregates)
}
