import { claimRun, releaseRun } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { forgetStaged } from './run-ledger.js'
import type { StoredRun } from './stored-run.js'

/**
 * Gives up runs that stopped, and removes what they staged. One that is at work is left alone.
 * @returns those that were given up
 */
export async function giveUp(session: Session, runs: readonly StoredRun[]): Promise<StoredRun[]> {
  const done: StoredRun[] = []
  for (const stored of runs) {
    const { run } = stored
    if (!(await claimRun(session, run))) continue
    try {
      await session.transaction(async () => {
        await session.run(statement('ledger/give_up_run'), [run])
        await forgetStaged(session, run)
      })
      done.push(stored)
    } finally {
      await releaseRun(session, run)
    }
  }
  return done
}
