import { requireTarget } from '../catalog/target.js'
import type { TuningSettings } from '../contract/settings.js'
import { parseTableName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ident } from '../db/sql.js'
import { setsOf } from '../history/change-set.js'
import { FirstLoadInverse } from '../history/first-load.js'
import { Inverse } from '../history/inverse.js'
import type { RefusedChange, TakingBack } from '../history/taking-back.js'
import { isInvalidValue } from '../judge/invalid-values.js'
import type { StoredRun } from '../ledger/stored-run.js'
import { ChangeWriter } from '../merge/change-writer.js'
import { lockForWriting } from '../merge/locked-target.js'
import { RowsLeftOut } from '../merge/refused-rows.js'
import { RowByRowWriter } from '../merge/row-by-row.js'
import { TableAggregates } from '../merge/table-aggregates.js'
import type { ChangeContext, ChangeStrategy, ChangeTask } from './change-task.js'
import { ChangesRefused, Undo } from './undo-strategy.js'
import { findUndoable, type Undoable } from './undoable.js'

/** What is taken back. */
export interface Undone {
  readonly undoes: number
  /** Whether rows that cannot be taken back stay as they are. */
  readonly skipConflicts: boolean
}

/**
 * Takes back a completed run.
 * @param table that it has changed
 * @param run the one to resume
 */
export function undoTask(undone: Undone, table: TableName, tuning: TuningSettings, run?: number): ChangeTask {
  const { undoes, skipConflicts } = undone
  const known = { isRowByRow: false, refused: [] as readonly RefusedChange[] }
  return {
    command: 'undo',
    table,
    options: { skipConflicts },
    undoes,
    tuning,
    run,
    async prepare(session) {
      const { record } = await session.transaction(() => findUndoable(session, undoes))
      return record.key
    },
    choose: (context) => choose(context, undone, known),
    mayChooseAgain(error) {
      if (error instanceof ChangesRefused) known.refused = [...known.refused, ...error.refused]
      // Single rows may be the reason: row by row they are found.
      else if (known.isRowByRow || !(isInvalidValue(error) || error instanceof RowsLeftOut)) return false
      known.isRowByRow = !known.isRowByRow
      return true
    },
  }
}

/**
 * The task of a run that stopped.
 * @param skipConflicts instead of what it began with
 */
export function storedUndo(
  { run, undoes, target, options }: StoredRun,
  tuning: TuningSettings,
  skipConflicts?: boolean,
): ChangeTask {
  const { skipConflicts: stored } = options as Pick<Undone, 'skipConflicts'>
  const undone = { undoes: undoes as number, skipConflicts: skipConflicts ?? stored }
  return undoTask(undone, parseTableName(target), tuning, run)
}

/** What earlier attempts of this process have found out. */
interface Known {
  readonly isRowByRow: boolean
  readonly refused: readonly RefusedChange[]
}

async function choose(context: ChangeContext, undone: Undone, known: Known): Promise<ChangeStrategy> {
  const { session, run, trustOwner } = context
  const { table } = (await findUndoable(session, undone.undoes)).relation ?? context.settings
  const found = await requireTarget(session, table)
  const target = await lockForWriting(session, { table, tuning: { trustOwner } }, found)
  // Under the lock: another process may have taken it back, or altered the table, a moment ago.
  const undoable = await findUndoable(session, undone.undoes)
  if (undoable.relation && undoable.relation.oid !== target.oid) return await choose(context, undone, known)

  const inverse = await inverseOf(session, run, undoable)
  const aggregates = await TableAggregates.begin(context, target, {
    requested: [],
    columns: inverse?.countable ?? [],
    mayDelete: true,
  })
  const writing = { ...context, target: ident(target.schema, target.name) }
  const writer = new (known.isRowByRow ? RowByRowWriter : ChangeWriter)(writing, target)
  return new Undo(context, { ...undoable, ...undone, ...known, target, inverse, aggregates, writer })
}

/** What takes back the run, which is not made yet; undefined if it changed nothing. */
async function inverseOf(
  session: Session,
  run: number,
  { set, relation }: Undoable,
): Promise<TakingBack | undefined> {
  if (!set || !relation) return undefined
  if (set.kind !== 'first_load') return new Inverse(session, run, set, relation)
  return new FirstLoadInverse(session, run, set, await setsOf(session, relation.oid), relation)
}
