import { isDeepStrictEqual } from 'node:util'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { discardRun } from '../ledger/clean-up.js'
import { listUnfinished } from '../ledger/stored-run.js'
import type { ChangeTask } from './change-task.js'

/** Discards the stopped runs that were to do the same: a completed run replaces them. */
export async function discardStoppedChanges(
  session: Session,
  { command, table, options, undoes }: Pick<ChangeTask, 'command' | 'table' | 'options' | 'undoes'>,
  run: number,
): Promise<void> {
  const unfinished = await listUnfinished(session)
  await discardRun(
    session,
    unfinished.filter(
      (stored) =>
        stored.run !== run &&
        stored.state !== 'ended' &&
        stored.command === command &&
        stored.target === displayName(table) &&
        stored.undoes === (undoes ?? null) &&
        // As JSON, which has no undefined.
        isDeepStrictEqual(stored.options, JSON.parse(JSON.stringify(options))),
    ),
  )
}
