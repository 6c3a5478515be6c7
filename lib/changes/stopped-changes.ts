import { isDeepStrictEqual } from 'node:util'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { discardRun } from '../ledger/clean-up.js'
import { listUnfinished, type StoredRun } from '../ledger/stored-run.js'
import type { ChangeTask } from './change-task.js'

/** Discards the stopped runs that were to do the same, undos whatever their options: a completed run replaces them. */
export async function discardStoppedChanges(
  session: Session,
  { command, table, options, undoes }: Pick<ChangeTask, 'command' | 'table' | 'options' | 'undoes'>,
  run: number,
): Promise<void> {
  // As JSON, which has no undefined.
  const wanted = JSON.parse(JSON.stringify(options))
  const isSame = (other: StoredRun): boolean =>
    other.command === command &&
    other.target === displayName(table) &&
    isDeepStrictEqual(other.options, wanted)
  const unfinished = await listUnfinished(session)
  await discardRun(
    session,
    unfinished.filter(
      (stored) =>
        stored.run !== run &&
        stored.state !== 'ended' &&
        stored.undoes === (undoes ?? null) &&
        (undoes !== undefined || isSame(stored)),
    ),
  )
}
