import type { Session } from '../db/session.js'
import { type Fragment, ident, number, query, sql, statement } from '../db/sql.js'
import type { Aggregate, NewAggregate, Prepared } from './aggregate.js'
import { type Distinction, distinctionOf } from './distinction.js'
import { partsOf, renaming, storageName, storageOf } from './parts.js'
import { type Base, targetOf } from './relation.js'

/**
 * The storage of live aggregates: a base row for each group, differences that triggers have appended since, and marks that say
 * since which epoch they count.
 */

/** Creates the storage, and fills it from the target. */
export async function createStorage(
  session: Session,
  id: number,
  { targetOid, target, column }: NewAggregate,
  { type, collation, method }: Distinction,
  unlogged: Fragment,
): Promise<Base> {
  const name = storageName(id)
  const { storage } = partsOf(id)
  const texts = [
    statement('aggregate/create_storage', { storage, unlogged, type, collation }),
    statement('aggregate/complete_storage', storageOf(name)),
  ]
  await session.run(texts.join(';\n'))
  const base = await fill(session, id, targetOid, ident(column), target)
  await indexValues(session, name, method)
  return base
}

/** Makes a table that was filled before the storage of a new aggregate. */
export async function takeOverPrepared(
  session: Session,
  id: number,
  targetOid: number,
  prepared: Prepared,
): Promise<Base> {
  const { epochs_name } = partsOf(id)
  await session.run(statement('aggregate/rename_storage', renaming(prepared.name, storageName(id))))
  await session.run(query`SELECT setval(${epochs_name}::regclass, $1)`, [prepared.epoch])
  await confirm(session, id, targetOid, prepared.epoch)
  return prepared
}

/** Adds to a new table what all storage has: index on levels, constraints, replica identity. */
export async function completeStorage(session: Session, name: string): Promise<void> {
  await session.run(statement('aggregate/complete_storage', storageOf(name)))
}

/** Creates the index on values, unless the type has no suitable access method. */
export async function indexValues(
  session: Session,
  name: string,
  method: Distinction['method'],
): Promise<void> {
  if (method) await session.run(statement('aggregate/index_values', { ...storageOf(name), method }))
}

/** Replaces the content of the storage by counts of the target. */
export async function recount(session: Session, aggregate: Aggregate): Promise<void> {
  const { id, target_oid, column } = aggregate
  await session.run(query`DELETE FROM ${partsOf(id).storage}`)
  await setBase(session, id, await fill(session, id, target_oid, ident(column), targetOf(aggregate)))
}

/**
 * Fills the storage of an aggregate whose target was empty. Creates the index after the rows, which is faster.
 * @param counts a table with the counts, if the target was counted before
 */
export async function fillEmpty(session: Session, aggregate: Aggregate, counts?: Fragment): Promise<void> {
  const { id, column, target_oid } = aggregate
  const name = storageName(id)
  const { method } = await distinctionOf(session, target_oid, column)
  await session.run(statement('aggregate/reset', storageOf(name)))
  const base = counts
    ? await fillCounted(session, id, target_oid, counts)
    : await fill(session, id, target_oid, ident(column), targetOf(aggregate))
  await indexValues(session, name, method)
  await setBase(session, id, base)
}

/** The same after few rows: its indexes stay, unless somebody emptied a target with many groups. */
export async function fillEmptyWithFew(session: Session, aggregate: Aggregate): Promise<void> {
  const { storage_name } = partsOf(aggregate.id)
  const row = await session.row<{ large: boolean }>(
    query`SELECT pg_relation_size(${storage_name}::regclass) > 65536 AS large`,
  )
  if (row?.large) await fillEmpty(session, aggregate)
  else await recount(session, aggregate)
}

/**
 * Folds all appended rows and a difference into the base. The caller's transaction keeps other writers off the target.
 * @param difference a query for (value, change)
 * @returns by how much the difference changed the sum of the counts
 */
export async function applyDifference(
  session: Session,
  { id }: Pick<Aggregate, 'id'>,
  difference: string,
): Promise<number> {
  const row = await session.row<{ moved: number }>(query`SELECT dasy.settle($1, $2) AS moved`, [
    id,
    difference,
  ])
  return (row as { moved: number }).moved
}

/** Counts the groups, after folding appended rows. The caller's transaction keeps other writers off the target. */
export async function countGroups(session: Session, aggregate: Aggregate): Promise<number> {
  const { isAppended, groups } = await baseOf(session, aggregate)
  if (!isAppended) return groups
  await applyDifference(
    session,
    aggregate,
    query`SELECT value, change FROM ${partsOf(aggregate.id).storage} LIMIT 0`,
  )
  return (await baseOf(session, aggregate)).groups
}

/** Counts the groups without folding anything, so that other sessions may write meanwhile. */
export async function readGroups(session: Session, aggregate: Aggregate): Promise<number> {
  const { isAppended, groups } = await baseOf(session, aggregate)
  if (!isAppended) return groups
  const row = await session.row<{ groups: number }>(
    query`SELECT count(*) AS groups FROM (SELECT FROM ${currentRows(aggregate.id)} AS g GROUP BY value HAVING sum(change) <> 0) AS grouped`,
  )
  return (row as { groups: number }).groups
}

/** A FROM item: the rows since the last TRUNCATE of the target. */
export function currentRows(id: number): Fragment {
  const { storage, marks } = partsOf(id)
  return sql`(SELECT value, change FROM ${storage} WHERE epoch >= (SELECT coalesce(max(epoch), 0) FROM ${marks}))`
}

interface StoredBase {
  /** Whether there are rows besides the base. */
  readonly isAppended: boolean
  readonly groups: number
}

async function baseOf(session: Session, { id }: Aggregate): Promise<StoredBase> {
  return (await session.row<StoredBase>(statement('aggregate/has_appended', partsOf(id)), [id])) as StoredBase
}

async function fill(
  session: Session,
  id: number,
  targetOid: number,
  column: Fragment,
  target: Fragment,
): Promise<Base> {
  const { storage } = partsOf(id)
  const epoch = await beginEpoch(session, id, targetOid)
  const parts = { storage, epoch: number(epoch), column, target }
  return { groups: await session.run(statement('aggregate/fill_storage', parts)), epoch }
}

async function fillCounted(session: Session, id: number, targetOid: number, counts: Fragment): Promise<Base> {
  const { storage } = partsOf(id)
  const epoch = await beginEpoch(session, id, targetOid)
  const parts = { storage, epoch: number(epoch), counts }
  return { groups: await session.run(statement('aggregate/fill_counted', parts), [id]), epoch }
}

/** Begins an epoch: rows of earlier ones no longer count. */
async function beginEpoch(session: Session, id: number, targetOid: number): Promise<number> {
  const text = statement('aggregate/begin_epoch', { ...partsOf(id), target: number(targetOid) })
  const [rows] = await session.results(text)
  return (rows as { epoch: number }[])[0]?.epoch as number
}

/** Marks the storage as right for the target's current file, from this epoch on. */
async function confirm(session: Session, id: number, targetOid: number, epoch: number): Promise<void> {
  await session.run(query`SELECT dasy.confirm($1, $2::integer::oid, $3)`, [id, targetOid, epoch])
}

async function setBase(session: Session, id: number, { groups, epoch }: Base): Promise<void> {
  await session.run(statement('aggregate/set_base'), [id, groups, epoch])
}
