import { DasyError } from '../base/errors.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { type Aggregate, aggregatesOf, allAggregates } from './aggregate.js'
import { distinctionOf, type Obstacle, whyNotLive } from './distinction.js'
import { kinds } from './kinds.js'
import { repair } from './live.js'
import type { Claim } from './names.js'
import { updateOwner, updatePersistence } from './ownership.js'
import { isReadable } from './state.js'

/**
 * Removes the live aggregates whose column was dropped, and what is left of those whose table and view were.
 * @returns the live aggregates of the table
 */
export async function removeRemnants(
  session: Session,
  targetOid: number,
  note?: Claim['note'],
): Promise<Aggregate[]> {
  const { whole, remnants } = await allAggregates(session)
  for (const remnant of remnants) {
    // If the table was dropped, the view stays until its name is needed: who dropped the table may still use it.
    const isOfTarget = remnant.target_oid === targetOid
    const isGone = remnant.target_oid === null && remnant.name === null
    if (remnant.kind !== 'live' || !(isOfTarget || isGone) || !(await mayDrop(session, remnant.id))) continue
    await kinds.live.drop(session, remnant)
    if (isOfTarget)
      note?.(`${remnant.name ?? 'an aggregate'} no longer exists: its column or its view was dropped`)
  }
  return whole.filter((each) => each.target_oid === targetOid && each.kind === 'live')
}

/** A live aggregate, with what stands against it. */
export interface ExaminedAggregate {
  readonly aggregate: Aggregate
  readonly obstacle: Obstacle | undefined
}

/**
 * Repairs the live aggregates of a table: recounts those whose counts may be wrong, and removes those whose column was
 * dropped or can no longer be counted. The caller's transaction keeps other writers off the table.
 * @returns the live aggregates, if none had to be removed or counted again: then this is how they are
 */
export async function repairAggregates(
  session: Session,
  targetOid: number,
  note?: Claim['note'],
): Promise<ExaminedAggregate[] | undefined> {
  const examined: ExaminedAggregate[] = []
  let isChanged = false
  for (const aggregate of await removeRemnants(session, targetOid, note)) {
    const impossible = await whyNotPossible(session, aggregate)
    if (impossible !== undefined) {
      await kinds.live.drop(session, aggregate)
      note?.(`${aggregate.name} was removed: ${impossible}`)
      isChanged = true
      continue
    }
    const [obstacle, readable] = await session.together(() => [
      whyNotLive(session, targetOid, aggregate.column),
      isReadable(session, aggregate),
      updateOwner(session, aggregate),
      updatePersistence(session, aggregate),
    ])
    examined.push({ aggregate, obstacle })
    // A recount would miss the rows that row security hides.
    if (obstacle && !obstacle.missesWrites) continue
    if (!(await repair(session, aggregate, readable))) continue
    note?.(`${aggregate.name} was recounted, because it had lost track of its table`)
    isChanged = true
  }
  return isChanged ? undefined : examined
}

/** Why the aggregate cannot be created again for the current type of its column; undefined if it can. */
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
  /** Those that the triggers keep right. */
  readonly followed: readonly Aggregate[]
  /** Those whose triggers miss writes, because of a later change of the table. */
  readonly unfollowed: readonly Aggregate[]
}

/** @param known as `repairAggregates` has just found them, if it has */
export async function liveAggregates(
  session: Session,
  targetOid: number,
  note?: Claim['note'],
  known?: readonly ExaminedAggregate[],
): Promise<LiveAggregates> {
  const followed: Aggregate[] = []
  const unfollowed: Aggregate[] = []
  for (const { aggregate, obstacle } of known ?? (await examine(session, targetOid))) {
    if (!obstacle?.missesWrites) {
      followed.push(aggregate)
      continue
    }
    unfollowed.push(aggregate)
    note?.(
      `${aggregate.name} misses some writes: ${obstacle.reason}. Each load and "dasy aggregate" recount it; ` +
        'an aggregate with --as view would always be right',
    )
  }
  return { followed, unfollowed }
}

async function examine(session: Session, targetOid: number): Promise<ExaminedAggregate[]> {
  const aggregates = await liveOf(session, targetOid)
  const obstacles = await session.together(() =>
    aggregates.map(({ column }) => whyNotLive(session, targetOid, column)),
  )
  return aggregates.map((aggregate, index) => ({ aggregate, obstacle: obstacles[index] }))
}

/** The live aggregates of a table, whether they follow it or not. */
export async function liveOf(session: Session, targetOid: number): Promise<Aggregate[]> {
  return (await aggregatesOf(session, targetOid)).filter(({ kind }) => kind === 'live')
}

async function mayDrop(session: Session, id: number): Promise<boolean> {
  const row = await session.row<{ may: boolean }>(statement('aggregate/may_drop'), [id])
  return row?.may ?? false
}
