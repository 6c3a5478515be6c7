import { claimRun, endStagingSessions, releaseRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { removingStaging } from './staging.js'
import { listUnfinished, type StoredRun } from './stored-run.js'

export interface Discarded {
  readonly done: readonly StoredRun[]
  /** The errors of runs that could not be discarded, for example because another role owns their staging. */
  readonly failures: readonly unknown[]
}

/**
 * Discards runs that stopped, and removes their staging. Skips active runs.
 * @param others removes what else belongs to one, in the same transaction
 */
export async function discardRun(
  session: Session,
  runs: readonly StoredRun[],
  others: (stored: StoredRun) => Promise<void> = async () => {},
): Promise<Discarded> {
  const done: StoredRun[] = []
  const failures: unknown[] = []
  for (const stored of runs) {
    const { run } = stored
    if (!(await claimRun(session, run))) continue
    try {
      await endStagingSessions(session, run)
      await session.transaction(async () => {
        await others(stored)
        await session.run(statement('ledger/discard_run'), [run])
        await session.run(removingStaging(run))
      })
      done.push(stored)
    } catch (error) {
      failures.push(error)
    } finally {
      await releaseRun(session, run)
    }
  }
  return { done, failures }
}

/** Removes what ended runs have left behind: a connection may break between the commit of a run and that. */
export async function discardLeftovers(session: Session): Promise<void> {
  const unfinished = await listUnfinished(session)
  await discardRun(
    session,
    unfinished.filter(({ state }) => state === 'ended'),
  )
}
