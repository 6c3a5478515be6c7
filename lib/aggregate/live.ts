import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, sql, statement } from '../db/sql.js'
import type { Aggregate, Contents, Keeping, NewAggregate, Prepared, Remnant } from './aggregate.js'
import { type Distinction, distinctionOf } from './distinction.js'
import { partsOf, renaming, storageName, storageOf } from './parts.js'
import {
  type Base,
  dropRelation,
  keepingPrivileges,
  nextNumber,
  register,
  targetOf,
  trackColumn,
  unregister,
} from './relation.js'

/**
 * A view over differences that statement triggers append, whoever writes to the target. Nobody updates a row that another
 * session may touch, so nobody waits for anybody, and every snapshot sees exact counts.
 */
export const live: Keeping = {
  async create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void> {
    const id = await nextNumber(session)
    const base = await createAll(session, id, wanted, prepared)
    await register(session, id, 'live', wanted, base)
  },

  async refresh(session: Session, aggregate: Aggregate): Promise<void> {
    if (await mend(session, aggregate)) return
    const changes = statement('aggregate/truth_against_kept', {
      column: ident(aggregate.column),
      target: targetOf(aggregate),
      kept: partsOf(aggregate.id).storage,
    })
    await settle(session, aggregate, changes)
  },

  contents: ({ id }: Aggregate): Contents => ({
    relation: partsOf(id).storage,
    rows: currentRows(id),
    value: ident('value'),
    count: ident('change'),
  }),

  async drop(session: Session, aggregate: Aggregate | Remnant): Promise<void> {
    await dropRelation(session, aggregate, 'VIEW')
    await session.run(statement('aggregate/drop_storage', partsOf(aggregate.id)))
    await unregister(session, aggregate)
  },
}

/**
 * Counts anew where what it keeps cannot be believed: it was restored, retyped, dropped or spoilt, or the table rewritten.
 * @returns whether that was so
 */
export async function mend(session: Session, aggregate: Aggregate): Promise<boolean> {
  if (!(await canBeRead(session, aggregate))) await remake(session, aggregate)
  else if (!(await isSound(session, aggregate))) await recount(session, aggregate)
  else return false
  return true
}

/** Whether what it keeps is there, and of the column's type. */
export async function canBeRead(session: Session, aggregate: Aggregate): Promise<boolean> {
  return aggregate.fits && (await isComplete(session, aggregate))
}

/** Where the table has another owner than it had, gives what runs on the owner's behalf to that one. */
export async function followOwner(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, schema, name } = aggregate
  const found = await session.row<{ former: string; isGranted: boolean }>(
    statement('aggregate/former_owner', partsOf(id)),
    [target_oid],
  )
  if (!found) return
  const fragments = {
    ...partsOf(id),
    view: ident(schema, name),
    owner: ident(aggregate.owner),
    former: ident(found.former),
  }
  await session.run(statement('aggregate/grant_to_owner', fragments))
  await session.run(statement('aggregate/give_to_owner', fragments))
  if (found.isGranted) await session.run(statement('aggregate/revoke_from_owner', fragments))
}

/** A crash empties what the aggregate keeps where it empties the table, and only there. */
export async function followPersistence(session: Session, { id, target_oid }: Aggregate): Promise<void> {
  const parts = partsOf(id)
  const differing = await session.row<{ kind: string }>(statement('aggregate/persistence', parts), [
    target_oid,
  ])
  if (!differing) return
  const kind = fromCatalog(differing.kind)
  await session.run(statement('aggregate/set_persistence', { ...parts, kind }))
}

/** Those since the last truncation. */
function currentRows(id: number): Fragment {
  const { storage, marks } = partsOf(id)
  return sql`(SELECT value, change FROM ${storage} WHERE epoch >= (SELECT coalesce(max(epoch), 0) FROM ${marks}))`
}

async function isComplete(session: Session, { id, target_oid }: Aggregate): Promise<boolean> {
  const values = [target_oid]
  const state = await session.row<{ complete: boolean }>(statement('aggregate/state', partsOf(id)), values)
  return state?.complete ?? false
}

/** Nothing was restored, and the table not rewritten. */
async function isSound(session: Session, { id, target_oid }: Aggregate): Promise<boolean> {
  const values = [target_oid]
  const row = await session.row<{ sound: boolean }>(statement('aggregate/is_sound', partsOf(id)), values)
  return row?.sound ?? false
}

async function recount(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, column } = aggregate
  const parts = partsOf(id)
  await session.run(statement('aggregate/empty', { aggregate: parts.storage }))
  const epoch = await beginEpoch(session, id, target_oid)
  const fragments = {
    ...parts,
    epoch: fromCatalog(String(epoch)),
    column: ident(column),
    target: targetOf(aggregate),
  }
  const groups = await session.run(statement('aggregate/fill_storage', fragments))
  await session.run(statement('aggregate/set_base'), [id, groups, epoch])
}

/** Makes all of it anew, of the type that the column has now. The view keeps its name, and who may read it. */
async function remake(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, column, schema, name, count_column } = aggregate
  const wanted: NewAggregate = {
    targetOid: target_oid,
    target: targetOf(aggregate),
    column,
    relation: ident(schema, name),
    schema,
    name,
    countColumn: count_column,
  }
  await keepingPrivileges(session, aggregate, async () => {
    await live.drop(session, aggregate)
    const base = await createAll(session, id, wanted, undefined, ident(aggregate.value_column))
    await register(session, id, 'live', wanted, base)
  })
}

/**
 * Before a superuser writes to somebody's table: the functions that count for it run as its owner, who may have changed
 * as whom, and by which settings. They are written anew, and until the end of the transaction nobody can change them.
 */
export async function secureFollowers(session: Session, targetOid: number): Promise<void> {
  const found = await session.rows<{ id: number }>(statement('aggregate/followers_of_others'), [targetOid])
  for (const { id } of found) await session.run(statement('aggregate/create_follow', partsOf(id)))
}

/** Until the end of the transaction nobody else writes: the caller holds the target's EXCLUSIVE lock. */
export async function suspendTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  await session.run(statement('aggregate/disable_triggers', triggerFragments(aggregate)))
}

/** And notes that the table, rewritten or not, is the one that was counted. */
export async function resumeTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  await session.run(statement('aggregate/enable_triggers', triggerFragments(aggregate)))
  if (await isSound(session, aggregate)) return
  const { id, target_oid } = aggregate
  await session.run(statement('aggregate/confirm_again', partsOf(id)), [id, target_oid])
}

/**
 * Adds up what was appended, and a difference, given as a query for (value, change).
 * @returns by how much the difference moved the counts in all
 */
export async function settle(session: Session, { id }: Aggregate, changes: string): Promise<number> {
  const row = await session.row<{ moved: number }>(statement('aggregate/settle'), [id, changes])
  return (row as { moved: number }).moved
}

/** How many groups there are: adds up what was appended, if there is anything. The caller has the table to itself. */
export async function countGroups(session: Session, aggregate: Aggregate): Promise<number> {
  const kept = async () =>
    (await session.row<{ there: boolean; groups: number }>(
      statement('aggregate/has_appended', partsOf(aggregate.id)),
      [aggregate.id],
    )) as { there: boolean; groups: number }
  const { there, groups } = await kept()
  if (!there) return groups
  await settle(session, aggregate, statement('aggregate/no_difference', partsOf(aggregate.id)))
  return (await kept()).groups
}

/**
 * Fills the aggregate of a table that was empty: the index is built once, after the rows.
 * @param counts the table where it has been counted already
 */
export async function fillEmpty(session: Session, aggregate: Aggregate, counts?: Fragment): Promise<void> {
  const { id, column, target_oid } = aggregate
  const { storage } = partsOf(id)
  const { method } = await distinctionOf(session, target_oid, column)
  await session.run(statement('aggregate/reset', storageOf(storageName(id))))
  const epoch = await beginEpoch(session, id, target_oid)
  const parts = { storage, epoch: fromCatalog(String(epoch)) }
  const groups = counts
    ? await session.run(statement('aggregate/fill_counted', { ...parts, counts }), [id])
    : await session.run(
        statement('aggregate/fill_storage', { ...parts, column: ident(column), target: targetOf(aggregate) }),
      )
  await indexValues(session, storageName(id), method)
  await session.run(statement('aggregate/set_base'), [id, groups, epoch])
}

/** What is common to storage wherever it is filled. */
export async function completeStorage(session: Session, name: string): Promise<void> {
  await session.run(statement('aggregate/complete_storage', storageOf(name)))
}

export async function indexValues(
  session: Session,
  name: string,
  method: Distinction['method'],
): Promise<void> {
  if (method) await session.run(statement('aggregate/index_values', { ...storageOf(name), method }))
}

/** From now on only what is written in it counts. */
async function beginEpoch(session: Session, id: number, targetOid: number): Promise<number> {
  const parts = partsOf(id)
  const { epoch } = (await session.row<{ epoch: number }>(statement('aggregate/next_epoch', parts))) as {
    epoch: number
  }
  await session.run(statement('aggregate/forget_marks', parts))
  await session.run(statement('aggregate/confirm'), [id, targetOid, epoch])
  return epoch
}

async function createAll(
  session: Session,
  id: number,
  wanted: NewAggregate,
  prepared?: Prepared,
  valueColumn: Fragment = ident(wanted.column),
): Promise<Base> {
  const parts = partsOf(id)
  const { target, targetOid, column } = wanted
  const { type, collation, method } = await distinctionOf(session, targetOid, column)
  const { unlogged, owner, giveAway } = await ownership(session, targetOid)

  await session.run(statement('aggregate/create_marks', { ...parts, unlogged }))
  let base: Base
  if (prepared) {
    await session.run(statement('aggregate/adopt', renaming(prepared.name, storageName(id))))
    await session.run(statement('aggregate/begin_at', parts), [prepared.epoch])
    await session.run(statement('aggregate/confirm'), [id, targetOid, prepared.epoch])
    base = prepared
  } else {
    await session.run(statement('aggregate/create_storage', { ...parts, unlogged, type, collation }))
    await completeStorage(session, storageName(id))
    const epoch = await beginEpoch(session, id, targetOid)
    const groups = await session.run(
      statement('aggregate/fill_storage', {
        ...parts,
        epoch: fromCatalog(String(epoch)),
        column: ident(column),
        target,
      }),
    )
    await indexValues(session, storageName(id), method)
    base = { groups, epoch }
  }

  await trackColumn(session, id, wanted)
  const view = {
    ...parts,
    view: wanted.relation,
    column: valueColumn,
    count: ident(wanted.countColumn),
    target,
    owner,
  }
  await session.run(statement('aggregate/create_follow', parts))
  await session.run(statement('aggregate/create_amend', parts))
  await session.run(statement('aggregate/revoke_functions', parts))
  await session.run(statement('aggregate/create_view_of_groups', view))
  await session.run(statement('aggregate/create_view_triggers', view))
  await session.run(statement('aggregate/create_triggers', view))
  await session.run(statement('aggregate/enable_triggers', view))
  if (giveAway) {
    await session.run(statement('aggregate/grant_to_owner', view))
    await session.run(statement('aggregate/give_to_owner', view))
  }
  return base
}

interface Ownership {
  readonly unlogged: Fragment
  readonly owner: Fragment
  /** Whether another role owns the table, and this one may give away what runs on its behalf. */
  readonly giveAway: boolean
}

async function ownership(session: Session, targetOid: number): Promise<Ownership> {
  const row = (await session.row<{ unlogged: boolean; owner: string; give_away: boolean }>(
    statement('aggregate/ownership'),
    [targetOid],
  )) as { unlogged: boolean; owner: string; give_away: boolean }
  return {
    unlogged: row.unlogged ? sql`UNLOGGED` : sql``,
    owner: ident(row.owner),
    giveAway: row.give_away,
  }
}

function triggerFragments(aggregate: Aggregate): Record<string, Fragment> {
  return { ...partsOf(aggregate.id), target: targetOf(aggregate) }
}
