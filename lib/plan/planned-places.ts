import type { Session } from '../db/session.js'
import { number, sql } from '../db/sql.js'
import { type ChangeSet, changesTable } from '../history/change-set.js'
import { ChangedPlaces } from '../history/changed-places.js'
import type { RunContext } from '../judge/context.js'

/** Keeps where the records of a plan are, in the transaction that stores it: nothing is read when it is applied. */
export async function keepPlannedPlaces(
  { run, locator }: RunContext,
  session: Session,
  kind: ChangeSet['kind'],
): Promise<void> {
  const changed = sql`(SELECT position FROM ${changesTable({ run, kind })} WHERE run = ${number(run)})`
  const places = new ChangedPlaces(session, run, (range) => locator.offsetsOf(range))
  await places.begin(changed)
  await places.keep()
}
