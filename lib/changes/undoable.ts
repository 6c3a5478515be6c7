import { DasyError } from '../base/errors.js'
import { parseTableName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { type ChangeSet, findSet } from '../history/change-set.js'
import { columnsNow, type Relation, relationOf, requireFirstLoad } from '../history/relation.js'
import { withTextSettings } from '../history/value-text.js'
import { findRun, type RunRecord } from '../ledger/history.js'

/** A completed run that can be taken back, with its table as it is now. */
export interface Undoable {
  readonly record: RunRecord
  /** Undefined if it changed nothing. */
  readonly set: ChangeSet | undefined
  /** The table that it changed; undefined if it changed nothing. */
  readonly relation: Relation | undefined
}

/**
 * Finds a run that is to be taken back, within a transaction.
 * @throws DasyError RUN_NOT_FOUND, ALREADY_UNDONE, NO_HISTORY, TABLE_REPLACED, HISTORY_LOST, NO_KEY
 */
export async function findUndoable(session: Session, run: number): Promise<Undoable> {
  const record = await findRun(session, run)
  requireCompleted(record)
  await requireNotUndone(session, run)
  const set = await findSet(session, run)
  if (!set || set.kind === 'none') {
    if (set || hasChanged(record)) throw notKept(run)
    return { record, set: undefined, relation: undefined }
  }
  const relation = await withTextSettings(session, () => relationOf(session, set, record.table))
  requireKey(set, relation, record)
  if (set.kind === 'first_load') await requireFirstLoad(session, set, relation)
  return { record, set, relation }
}

/** The table of the run as it is called now; with its schema if the run had named that. */
export function tableNow({ record, relation }: Undoable): TableName {
  const { table: shown } = record
  const named = parseTableName(shown)
  if (!relation) return named
  const { schema, name } = relation.table
  return { schema: named.schema === undefined ? undefined : schema, name }
}

/** @throws DasyError NO_HISTORY */
function requireCompleted({ run, status }: RunRecord): void {
  if (status === 'completed') return
  const isPlanned = (status as string) === 'planned'
  throw new DasyError('NO_HISTORY', `run ${run} is ${status}: only a completed run can be taken back`, {
    hint: isPlanned ? 'A plan has changed nothing yet.' : `See the run: dasy runs ${run}`,
    details: { run, status },
  })
}

/** @throws DasyError ALREADY_UNDONE */
async function requireNotUndone(session: Session, run: number): Promise<void> {
  const undo = await undoOf(session, run)
  if (undo === undefined) return
  throw new DasyError('ALREADY_UNDONE', `run ${run} was taken back by run ${undo} already`, {
    hint: `To make its changes again: dasy undo ${undo}`,
    details: { undoes: run, undo },
  })
}

interface Undo {
  readonly run: number
  readonly undoes: number
}

/** The run that has taken a run back and was not taken back itself. */
async function undoOf(session: Session, run: number): Promise<number | undefined> {
  const undos = await session.rows<Undo>(statement('changes/list_undos'), [run])
  const standing = (of: number): number | undefined =>
    undos.find((undo) => undo.undoes === of && standing(undo.run) === undefined)?.run
  return standing(run)
}

/** Whether a run without a change set has changed rows: it is older than the history. */
function hasChanged({ rows }: RunRecord): boolean {
  const { inserted = 0, updated = 0, deleted = 0 } = rows ?? {}
  return inserted + updated + deleted > 0
}

function notKept(run: number): DasyError {
  return new DasyError('NO_HISTORY', `the changes of run ${run} were not kept, or are removed already`, {
    hint: 'History is kept for 30 days, or as historyDays in dasy.config.json says; --no-history keeps none.',
    details: { undoes: run },
  })
}

/** @throws DasyError NO_KEY */
function requireKey(set: ChangeSet, { columns }: Relation, { run, table }: RunRecord): void {
  const now = columnsNow(set, columns)
  const gone = set.key.filter((_, index) => now[index] === undefined)
  if (gone.length === 0) return
  const what = gone.length === 1 ? `the key column ${gone[0]}` : `the key columns ${gone.join(', ')}`
  throw new DasyError(
    'NO_KEY',
    `${what} of run ${run} ${gone.length === 1 ? 'is' : 'are'} gone from ${table}`,
    {
      hint: 'Without the key nothing tells which rows the run has changed.',
      details: { undoes: run, table, columns: gone },
    },
  )
}
