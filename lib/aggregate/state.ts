import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { Aggregate } from './aggregate.js'
import { partsOf } from './parts.js'

/** Whether all objects of a live aggregate exist, and its stored values are of the column's type. */
export async function isReadable(session: Session, aggregate: Aggregate): Promise<boolean> {
  return aggregate.fits && (await isComplete(session, aggregate))
}

async function isComplete(session: Session, { id, target_oid }: Aggregate): Promise<boolean> {
  const text = statement('aggregate/state', partsOf(id))
  return (await session.row<{ complete: boolean }>(text, [target_oid]))?.complete ?? false
}

/** Whether neither the storage was restored from a dump nor the table rewritten since the last confirmation. */
export async function isSound(session: Session, { id, target_oid }: Aggregate): Promise<boolean> {
  const text = statement('aggregate/is_sound', partsOf(id))
  return (await session.row<{ sound: boolean }>(text, [target_oid]))?.sound ?? false
}
