import { DasyError } from '../base/errors.js'
import type { Change, Operation } from '../contract/change.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ChangesOptions } from '../contract/options.js'
import { oneOf, parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import { migrateIfThere } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { type ChangeSet, findSet } from '../history/change-set.js'
import { FirstLoadChanges } from '../history/first-load-changes.js'
import { ChangeReader, type Selection, storedChanges } from '../history/read.js'
import { RecordPlaces } from '../history/record-places.js'
import { findRun, type RunRecord } from '../ledger/history.js'
import { listSources } from '../ledger/sources.js'
import { runNotFound } from '../ledger/stored-run.js'

const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete']

/**
 * The changes of a plan or of a completed run, in the order of its sources; only a few are in memory at a time.
 * @throws DasyError RUN_NOT_FOUND, NO_HISTORY, HISTORY_LOST, TABLE_REPLACED, COLUMN_NOT_FOUND
 */
export async function* changes(run: number, options: ChangesOptions = {}): AsyncGenerator<Change> {
  await using found = await FoundChanges.open(run, options)
  yield* found.read()
}

/** The change set of a run, with what `dasy changes` shows around it. */
export class FoundChanges implements AsyncDisposable {
  private constructor(
    readonly record: RunRecord,
    /** Undefined if the run changed nothing. */
    readonly set: ChangeSet | undefined,
    readonly selection: Selection,
    readonly session: Session,
    readonly database: Database | undefined,
  ) {}

  static async open(run: number, options: ChangesOptions): Promise<FoundChanges> {
    requireKnownOptions('changes', options)
    parseCount('run', run)
    const selection = selectionOf(options)
    const database = await Database.openIfThere(options)
    if (!database) throw runNotFound(run)
    let session: Session | undefined
    try {
      session = await database.session()
      if (!(await migrateIfThere(session))) throw runNotFound(run)
      return await FoundChanges.#find(session, run, selection, database)
    } catch (error) {
      await session?.close()
      await database.close()
      throw error
    }
  }

  /** In a session that is open, and that is closed with it. */
  static async in(session: Session, run: number, options: ChangesOptions): Promise<FoundChanges> {
    return await FoundChanges.#find(session, run, selectionOf(options), undefined)
  }

  static async #find(
    session: Session,
    run: number,
    selection: Selection,
    database: Database | undefined,
  ): Promise<FoundChanges> {
    const record = await findRun(session, run)
    const set = await findSet(session, run)
    requireKept(record, set)
    if (set && selection.column !== undefined) requireColumn(set, selection.column)
    return new FoundChanges(record, set, selection, session, database)
  }

  async *read(): AsyncGenerator<Change> {
    const { set, session, record, selection } = this
    if (!set) return
    const sources = await listSources(session, [set.run])
    const reader = new ChangeReader(set, selection.column)
    if (set.kind === 'first_load') {
      const load = new FirstLoadChanges(session, { set, record, sources })
      if (selection.ops && !selection.ops.includes('insert')) return
      for await (const { place, ...row } of load.read(selection.limit))
        yield { ...reader.read(row), ...place }
      return
    }
    const places = new RecordPlaces(session, set.run, sources)
    for await (const change of storedChanges(session, set, selection))
      yield { ...reader.read(change), ...(await places.of(change)) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close()
    await this.database?.close()
  }
}

/** @throws DasyError BAD_OPTION */
function selectionOf({ op, column, limit }: ChangesOptions): Selection {
  const ops = op === undefined ? undefined : [typeof op === 'string' ? op.split(',') : op].flat()
  return {
    ops: ops?.map((each) => oneOf('--op', each.trim(), OPERATIONS)),
    column,
    limit: limit === undefined ? undefined : parseCount('--limit', limit),
  }
}

/** @throws DasyError NO_HISTORY */
function requireKept({ run, status }: RunRecord, set: ChangeSet | undefined): void {
  // A plan whose turn to be applied has not come yet has its changes already.
  const isDone = status === 'completed' || (status as string) === 'planned' || set !== undefined
  if (isDone && set?.kind !== 'none') return
  const why = isDone
    ? `the changes of run ${run} were not kept, or are removed already`
    : `run ${run} is ${status}: only a plan or a completed run has changes`
  throw new DasyError('NO_HISTORY', why, {
    hint: isDone
      ? 'History is kept for 30 days, or as historyDays in dasy.config.json says; --no-history keeps none.'
      : `See the run: dasy runs ${run}`,
    details: { run },
  })
}

/** @throws DasyError COLUMN_NOT_FOUND */
function requireColumn({ run, key, columns }: ChangeSet, column: string): void {
  const known = [...key, ...columns]
  if (known.includes(column)) return
  throw new DasyError('COLUMN_NOT_FOUND', `the changes of run ${run} have no column "${column}"`, {
    hint: `They have ${known.join(', ')}.`,
    details: { run, column },
  })
}
