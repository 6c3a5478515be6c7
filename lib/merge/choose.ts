import { findTable, inspectTarget, requireTarget, type Target } from '../catalog/target.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { StageAgain } from '../judge/stage-again.js'
import { dropAsMade } from './as-made.js'
import { ChangeWriter } from './change-writer.js'
import { FirstLoad } from './first-load.js'
import { LockedTarget } from './locked-target.js'
import { NewTable } from './new-table.js'
import type { RecorderFor } from './recorder.js'
import { RowByRowWriter } from './row-by-row.js'
import type { MergeStrategy } from './strategy.js'
import { TableAggregates } from './table-aggregates.js'
import { Upsert } from './upsert.js'

/** From so many records on it saves time to create an empty table again, or at least the index of its key. */
export const MANY_RECORDS = 5000

/** How rows are written. */
export interface Writing {
  /** Whether to write row by row, because a statement for all rows has failed. */
  readonly isRowByRow: boolean
  /** Whether to compare each key with the table, although a table without rows could be loaded faster. */
  readonly comparesAll?: boolean | undefined
  /** Who records what is written, if it is not the usual recorder. */
  readonly recorder?: RecorderFor | undefined
}

/**
 * Chooses the strategy for the table as it is now, and locks the table if it exists.
 * @throws MappingChanged, StageAgain, DasyError TABLE_NOT_FOUND, FOREIGN_CODE, NAME_TAKEN and those of the mapping
 */
export async function choose(
  context: RunContext,
  judged: Judged,
  { isRowByRow, comparesAll, recorder }: Writing,
): Promise<MergeStrategy> {
  const existing = await findExisting(context, judged)
  if (!existing) return await NewTable.begin(context, judged, recorder)

  const locked = await LockedTarget.lock(context, judged, existing)
  const key = isRowByRow || comparesAll ? undefined : await locked.keyToRebuild()
  const isLarge = judged.read >= MANY_RECORDS
  const dropped = key && isLarge && (await dropAsMade(context.session, locked.target))
  if (dropped) return NewTable.again(locked.context, locked.target, key, dropped)
  // Other strategies need the positions of the records.
  if (context.known.direct) throw new StageAgain()

  const target = await locked.addColumns()
  const { policy } = context.settings
  const aggregates = await TableAggregates.begin(context, target, {
    requested: policy.aggregates,
    columns: locked.context.mapping.columns.map((column) => column.target),
    mayDelete: policy.sync !== undefined,
  })
  if (key) return new FirstLoad(locked.context, target, aggregates, key, isLarge)
  const Writer = isRowByRow ? RowByRowWriter : ChangeWriter
  return new Upsert(
    locked.context,
    target,
    aggregates,
    new Writer(locked.context, target, recorder?.(locked.context, target)),
  )
}

/** What was known of the table is enough to lock it, after which it is inspected again. */
async function findExisting(
  { session, settings: { table } }: RunContext,
  { mapper, target }: Judged,
): Promise<Target | undefined> {
  const found = target && (await findTable(session, table))
  if (found && found.oid === target?.oid) return { ...target, ...found }
  return await (mapper.mayMake ? inspectTarget : requireTarget)(session, table)
}
