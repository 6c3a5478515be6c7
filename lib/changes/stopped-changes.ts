import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { isQueued } from '../ledger/jobs.js'

/** Ends the stopped runs that were to do the same as this one, which replaces them. They have staged nothing. */
export async function endStoppedChanges(session: Session, run: number): Promise<void> {
  await session.run(statement('changes/end_stopped', { is_queued: isQueued(), is_alive: isAlive() }), [run])
}
