import { DasyError } from '../base/errors.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { type Aggregate, aggregatesOf, kinds, remnantsOf } from './aggregate.js'
import { distinctionOf, whyNotLive } from './distinction.js'
import { followOwner, followPersistence, mend } from './live.js'
import type { Claim } from './names.js'

/**
 * Mends what somebody has done to a table's live aggregates: what was restored, retyped or spoilt is counted anew, and
 * what is left of dropped columns, or of columns whose values cannot be counted any more, removed. The caller has the
 * table to itself.
 */
export async function putInOrder(session: Session, targetOid: number, note?: Claim['note']): Promise<void> {
  for (const remnant of await remnantsOf(session, null)) {
    // The view of a table that was dropped is left to whoever dropped that, until its name is wanted.
    const isOfTarget = remnant.target_oid === targetOid
    const isGone = remnant.target_oid === null && remnant.name === null
    if (remnant.kind !== 'live' || !(isOfTarget || isGone) || !(await mayDrop(session, remnant.id))) continue
    await kinds.live.drop(session, remnant)
    if (isOfTarget)
      note?.(`${remnant.name ?? 'an aggregate'} no longer exists: its column or its view was dropped`)
  }
  for (const aggregate of await liveOf(session, targetOid)) {
    const impossible = await whyNotPossible(session, aggregate)
    if (impossible !== undefined) {
      await kinds.live.drop(session, aggregate)
      note?.(`${aggregate.name} was removed: ${impossible}`)
      continue
    }
    await followOwner(session, aggregate)
    await followPersistence(session, aggregate)
    const obstacle = await whyNotLive(session, targetOid, aggregate.column)
    // Rows that are hidden could not be counted.
    if (obstacle && !obstacle.missesWrites) continue
    if (await mend(session, aggregate))
      note?.(`${aggregate.name} no longer followed its table, and was rebuilt`)
  }
}

/** Why no aggregate of the column can be made again, of the type that it has now. */
async function whyNotPossible(session: Session, aggregate: Aggregate): Promise<string | undefined> {
  if (aggregate.fits) return undefined
  try {
    await distinctionOf(session, aggregate.target_oid, aggregate.column)
    return undefined
  } catch (error) {
    if (!(error instanceof DasyError)) throw error
    return error.message
  }
}

/** The live aggregates of a table. */
export interface LiveAggregates {
  /** Those that their triggers keep right. */
  readonly followed: readonly Aggregate[]
  /** Those that miss some writes, because of what became of the table. */
  readonly unfollowed: readonly Aggregate[]
}

export async function liveAggregates(
  session: Session,
  targetOid: number,
  note?: Claim['note'],
): Promise<LiveAggregates> {
  const followed: Aggregate[] = []
  const unfollowed: Aggregate[] = []
  for (const aggregate of await liveOf(session, targetOid)) {
    const obstacle = await whyNotLive(session, targetOid, aggregate.column)
    if (!obstacle?.missesWrites) {
      followed.push(aggregate)
      continue
    }
    unfollowed.push(aggregate)
    note?.(
      `${aggregate.name} misses some writes: ${obstacle.reason}. Each load and "dasy aggregate" rebuild it; ` +
        'with --as view it would always be right',
    )
  }
  return { followed, unfollowed }
}

async function liveOf(session: Session, targetOid: number): Promise<Aggregate[]> {
  return (await aggregatesOf(session, targetOid)).filter(({ kind }) => kind === 'live')
}

async function mayDrop(session: Session, id: number): Promise<boolean> {
  const row = await session.row<{ may: boolean }>(statement('aggregate/may_drop'), [id])
  return row?.may ?? false
}
